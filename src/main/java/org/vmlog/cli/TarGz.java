package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/**
 * Writes files into a compressed archive: POSIX's ustar interchange format, pax(1). Confined to one
 * thread.
 */
final class TarGz implements AutoCloseable {
  private static final int BLOCK_BYTES = 512;
  private static final int END_BLOCKS = 2;

  /** What eleven octal digits can say. */
  private static final long MAX_BYTES = (1L << 33) - 1;

  private static final int NAME = 0;
  private static final int MODE = 100;
  private static final int UID = 108;
  private static final int GID = 116;
  private static final int SIZE = 124;
  private static final int MODIFIED = 136;
  private static final int CHECKSUM = 148;
  private static final int TYPE = 156;
  private static final int MAGIC = 257;

  private final OutputStream out;

  TarGz(OutputStream out) throws IOException {
    this.out = new GZIPOutputStream(out);
  }

  /**
   * Adds a file that its owner may read.
   *
   * @param name at most 100 bytes of ASCII
   * @param size of its content, which has to have so many bytes
   */
  void add(String name, long size, Instant modified, InputStream content) throws IOException {
    if (size > MAX_BYTES) {
      throw new IOException(
          "%s has %s bytes; allowed in an archive is up to %s".formatted(name, size, MAX_BYTES));
    }
    byte[] header = new byte[BLOCK_BYTES];
    put(header, NAME, name);
    put(header, MODE, "0000600");
    put(header, UID, "0000000");
    put(header, GID, "0000000");
    put(header, SIZE, octal(size));
    put(header, MODIFIED, octal(modified.getEpochSecond()));
    header[TYPE] = '0';
    put(header, MAGIC, "ustar\00000");
    put(header, CHECKSUM, "        ");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xFF;
    }
    put(header, CHECKSUM, "%06o\0 ".formatted(sum));
    out.write(header);
    long copied = content.transferTo(out);
    if (copied != size) {
      throw new IOException("%s has %s bytes, and not %s".formatted(name, copied, size));
    }
    out.write(new byte[(int) (-size & (BLOCK_BYTES - 1))]);
  }

  private static String octal(long value) {
    return String.format(Locale.ROOT, "%011o", value);
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  @Override
  public void close() throws IOException {
    out.write(new byte[END_BLOCKS * BLOCK_BYTES]);
    out.close();
  }
}
