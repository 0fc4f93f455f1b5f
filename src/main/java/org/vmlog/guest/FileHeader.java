package org.vmlog.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The first page of a buffer's file: what it is, and of which boot of the guest the numbers in it
 * are. Guarded by the lock of the {@link RecordBuffer}, once that has it.
 */
final class FileHeader {
  private static final byte[] MAGIC = "vm-syslog buffer 1\n".getBytes(StandardCharsets.US_ASCII);

  private static final int BOOT_ID = 32;
  private static final int STREAM_ID = BOOT_ID + KernelRandom.BYTES;

  private final MappedByteBuffer page;

  private FileHeader(MappedByteBuffer page) {
    this.page = page;
  }

  /**
   * Reads the header, or writes the first one of an empty file.
   *
   * @throws FileSystemException when the file is something else's
   */
  static FileHeader open(Path path, FileChannel file) throws IOException {
    if (file.size() == 0) {
      ByteBuffer fresh = ByteBuffer.allocate(Segment.BYTES).put(MAGIC).clear();
      while (fresh.hasRemaining()) {
        int unused = file.write(fresh, fresh.position());
      }
    }
    byte[] found = new byte[MAGIC.length];
    int unused = file.read(ByteBuffer.wrap(found), 0);
    if (file.size() < Segment.BYTES || !Arrays.equals(found, MAGIC)) {
      throw new FileSystemException(
          path.toString(), null, "is no buffer of vm-syslog; allowed is one, or no file");
    }
    return new FileHeader(file.map(FileChannel.MapMode.READ_WRITE, 0, Segment.BYTES));
  }

  /** Whether what is in the file is of this boot of the guest, and so are its numbers. */
  boolean isOf(byte[] bootId) {
    return Arrays.equals(read(BOOT_ID), bootId);
  }

  byte[] streamId() {
    return read(STREAM_ID);
  }

  /** Begins a stream. */
  void begin(byte[] bootId, byte[] streamId) {
    page.put(STREAM_ID, streamId);
    page.put(BOOT_ID, bootId);
  }

  private byte[] read(int at) {
    byte[] bytes = new byte[KernelRandom.BYTES];
    page.get(at, bytes);
    return bytes;
  }
}
