package org.vmlog.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;

/** What tests do with descriptors. */
public final class StreamSocketFixture {
  private StreamSocketFixture() {}

  /** A descriptor of a file of its own. */
  public static Descriptor of(FileInputStream file) throws IOException {
    return Descriptor.of(file.getFD()).duplicate();
  }

  public static void write(Descriptor descriptor, String text) throws IOException {
    write(descriptor, text.getBytes(UTF_8));
  }

  public static void write(Descriptor descriptor, byte[] bytes) throws IOException {
    new FileOutputStream(descriptor.java()).write(bytes); // its owner closes it
  }

  /** Reads until the other end is closed, and closes this one. */
  public static String readToEnd(Descriptor descriptor) throws IOException {
    try (FileInputStream in = new FileInputStream(descriptor.java())) {
      StringBuilder text = new StringBuilder();
      for (int b = in.read(); b >= 0; b = in.read()) { // readAllBytes would seek
        text.append((char) b);
      }
      return text.toString();
    }
  }
}
