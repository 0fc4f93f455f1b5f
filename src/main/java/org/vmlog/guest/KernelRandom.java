package org.vmlog.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Identifiers that the kernel makes, random(4): cheaper than the start of Java's own generator.
 * Thread-safe.
 */
final class KernelRandom {
  static final int BYTES = 16;

  private static final Path FOLDER = Path.of("/proc/sys/kernel/random");

  private KernelRandom() {}

  /** The same from one boot of the guest to the next, and never again. */
  static byte[] bootId() throws IOException {
    return read("boot_id");
  }

  /** Another one each time. */
  static byte[] fresh() throws IOException {
    return read("uuid");
  }

  private static byte[] read(String name) throws IOException {
    String uuid = Files.readString(FOLDER.resolve(name)).strip();
    return HexFormat.of().parseHex(uuid.replace("-", ""));
  }
}
