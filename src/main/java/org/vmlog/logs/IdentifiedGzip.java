package org.vmlog.logs;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipException;

/**
 * A gzip file whose header carries the id of what was compressed, and how many bytes that were, in
 * a subfield {@code VM} of the extra field (RFC 1952, section 2.3.1.1), 8 bytes each, the least
 * first. So the size is known of a file whose end is cut, too. Java's own writes no such field; it
 * reads past one, as gzip(1) does. Confined to one thread.
 */
public final class IdentifiedGzip extends DeflaterOutputStream {
  /** Header and trailer. */
  public static final int FRAME_BYTES = 10 + 2 + 20 + 8;

  private static final short MAGIC = (short) 0x8b1f;
  private static final byte EXTRA_FLAG = 4;
  private static final byte UNIX = 3;
  private static final short SUBFIELD = 'V' | 'M' << 8;
  private static final int SUBFIELD_BYTES = 4 + 16;
  private static final int MAX_EXTRA_BYTES = 0xFFFF;

  private final CRC32 crc = new CRC32();
  private boolean finished;

  /**
   * Writes the header.
   *
   * @param bufferBytes of compressed data in each write
   * @param plainBytes how many will be compressed
   */
  public IdentifiedGzip(OutputStream target, int bufferBytes, long id, long plainBytes)
      throws IOException {
    super(target, new Deflater(Deflater.DEFAULT_COMPRESSION, true), bufferBytes);
    byte[] bytes = new byte[10 + 2 + SUBFIELD_BYTES];
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    header.putShort(MAGIC).put((byte) Deflater.DEFLATED).put(EXTRA_FLAG);
    header.putInt(0).put((byte) 0).put(UNIX); // no time: the file has its own
    header.putShort((short) SUBFIELD_BYTES);
    header.putShort(SUBFIELD).putShort((short) (2 * Long.BYTES)).putLong(id).putLong(plainBytes);
    try {
      target.write(bytes);
    } catch (IOException e) {
      def.end(); // or its memory, which is not the heap's, stays for a long time
      throw e;
    }
  }

  /** What the header says. */
  record Head(long id, long plainBytes) {}

  /**
   * Reads the header of a gzip file.
   *
   * @return empty if it has no id
   * @throws ZipException if it is no gzip file
   * @throws EOFException if it ends too early for one
   */
  static Optional<Head> head(InputStream gzip) throws IOException {
    ByteBuffer fixed = ByteBuffer.wrap(read(gzip, 10)).order(ByteOrder.LITTLE_ENDIAN);
    if (fixed.getShort() != MAGIC) {
      throw new ZipException("is no gzip file");
    }
    if ((fixed.get(3) & EXTRA_FLAG) == 0) {
      return Optional.empty();
    }
    ByteBuffer length = ByteBuffer.wrap(read(gzip, 2)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] extra = read(gzip, length.getShort() & MAX_EXTRA_BYTES);
    ByteBuffer subfields = ByteBuffer.wrap(extra).order(ByteOrder.LITTLE_ENDIAN);
    while (subfields.remaining() >= 4) {
      boolean ours = subfields.getShort() == SUBFIELD;
      int size = subfields.getShort() & MAX_EXTRA_BYTES;
      if (size > subfields.remaining()) {
        break;
      }
      if (ours && size == 2 * Long.BYTES) {
        return Optional.of(new Head(subfields.getLong(), subfields.getLong()));
      }
      subfields.position(subfields.position() + size);
    }
    return Optional.empty();
  }

  @Override
  public void write(byte[] plain, int offset, int length) throws IOException {
    super.write(plain, offset, length);
    crc.update(plain, offset, length);
  }

  @Override
  public void finish() throws IOException {
    if (!finished) {
      finished = true;
      super.finish();
      byte[] bytes = new byte[8];
      ByteBuffer trailer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      trailer.putInt((int) crc.getValue()).putInt((int) def.getBytesRead());
      out.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      super.close();
    } finally {
      def.end();
    }
  }

  private static byte[] read(InputStream from, int bytes) throws IOException {
    byte[] read = from.readNBytes(bytes);
    if (read.length < bytes) {
      throw new EOFException("a gzip header ends after " + read.length + " of " + bytes + " bytes");
    }
    return read;
  }
}
