package org.vmlog.view;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;

/**
 * The beginning of a log file in 64 bits. Files are only ever appended to and then compressed, so
 * it knows a file again under any name. Times stand in the first line, which makes two files'
 * differ. Immutable.
 *
 * @param length of the beginning
 * @param hash FNV-1a
 */
record Fingerprint(int length, long hash) {
  static final int MAX_BYTES = 4096;

  private static final long OFFSET_BASIS = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  /** Of the first so many bytes, or as many as there are. */
  static Fingerprint of(OpenFile file, int bytes) throws IOException {
    byte[] head = head(file, bytes);
    return new Fingerprint(head.length, hash(head));
  }

  static long hash(byte[] bytes) {
    long hash = OFFSET_BASIS;
    for (byte b : bytes) {
      hash = (hash ^ (b & 0xFF)) * PRIME;
    }
    return hash;
  }

  private static byte[] head(OpenFile file, int bytes) throws IOException {
    try {
      InputStream in = file.stream();
      return in.readNBytes(bytes);
    } catch (EOFException | ZipException e) {
      return new byte[0]; // cut off: nobody's beginning
    }
  }
}
