package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Locale;
import org.vmlog.record.Channel;

/** Who said a line, {@code vm.channel}: in files the facility tells. Immutable. */
public enum VmChannel {
  KERNEL(Channel.KERNEL),
  USER(Channel.USER),
  VMM(Channel.VMM),
  FORWARDER(Channel.FORWARDER),
  CONSOLE(Channel.CONSOLE),
  SHIPPER(Channel.FORWARDER);

  private static final VmChannel[] ALL = values();

  private final int facility;

  @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
  private final byte[] text = name().toLowerCase(Locale.ROOT).getBytes(US_ASCII);

  VmChannel(Channel channel) {
    this.facility = channel.facility();
  }

  /** By the facility of a line; a user's if that is nobody's. */
  public static VmChannel of(int facility) {
    for (VmChannel channel : ALL) {
      if (channel.facility == facility) {
        return channel;
      }
    }
    return USER;
  }

  /** By its text; a user's if that is nobody's. */
  static VmChannel of(String text) {
    for (VmChannel channel : ALL) {
      if (channel.name().toLowerCase(Locale.ROOT).equals(text)) {
        return channel;
      }
    }
    return USER;
  }

  /** RFC 5424's number. */
  int facility() {
    return facility;
  }

  /** Not to be changed. */
  public byte[] text() {
    return text;
  }
}
