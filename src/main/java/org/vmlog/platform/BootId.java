package org.vmlog.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which start of this host's kernel this is, random(4). Stateless. */
public final class BootId {
  private static final Path FILE = Path.of("/proc/sys/kernel/random/boot_id");

  private BootId() {}

  /** Reads it: a UUID that lasts from one boot to the next, in every container of the host. */
  public static String read() throws IOException {
    return Files.readString(FILE).strip();
  }
}
