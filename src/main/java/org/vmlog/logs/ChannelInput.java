package org.vmlog.logs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Reads a file from a place of its own, whatever else reads the same channel, and goes on at its
 * end when the file has grown. Closing it leaves the channel open. Confined to one thread.
 */
public final class ChannelInput extends InputStream {
  private final FileChannel file;
  private long at;

  /** Reads from this place on. */
  public ChannelInput(FileChannel file, long at) {
    this.file = file;
    this.at = at;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = file.read(ByteBuffer.wrap(bytes, offset, length), at);
    at += Math.max(0, read);
    return read;
  }

  /** By which a gzip stream is told to have another member. */
  @Override
  public int available() throws IOException {
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, file.size() - at));
  }
}
