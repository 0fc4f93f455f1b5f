package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Locale;
import org.vmlog.record.Channel;

/** Who said a line, {@code vm.channel}: in files the facility tells. Immutable. */
public enum VmChannel {
  KERNEL,
  USER,
  VMM,
  FORWARDER,
  CONSOLE,
  SHIPPER;

  @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
  private final byte[] text = name().toLowerCase(Locale.ROOT).getBytes(US_ASCII);

  /** By the facility of a line. */
  public static VmChannel of(int facility) {
    if (facility == Channel.KERNEL.facility()) {
      return KERNEL;
    }
    if (facility == Channel.VMM.facility()) {
      return VMM;
    }
    if (facility == Channel.CONSOLE.facility()) {
      return CONSOLE;
    }
    return facility == Channel.FORWARDER.facility() ? FORWARDER : USER;
  }

  /** Not to be changed. */
  public byte[] text() {
    return text;
  }
}
