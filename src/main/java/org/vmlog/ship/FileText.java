package org.vmlog.ship;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.vmlog.sink.ListedFile;
import org.vmlog.sink.LogFileIds;
import org.vmlog.sink.LogFileName;

/** The uncompressed text of one log file, which is held open. Confined to one thread. */
abstract sealed class FileText implements AutoCloseable {
  private static final int BLOCK_BYTES = 64 << 10;

  final Object identity;
  final FileChannel file;

  private FileText(Object identity, FileChannel file) {
    this.identity = identity;
    this.file = file;
  }

  /**
   * Opens a file; null when it has another name by now, or none.
   *
   * <p>An inode is used again as soon as its file is gone, so the id is asked for anew. A file's
   * name is never given back to it: what had this name before and has it now had it when it was
   * opened.
   */
  static @Nullable FileText open(LogFileName log, ListedFile listed, LogFileIds ids)
      throws IOException {
    FileChannel file;
    try {
      file = FileChannel.open(listed.path(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
    try {
      if (file.size() > 0 && ids.of(log, listed.path()).equals(OptionalLong.of(listed.id()))) {
        return listed.compressed()
            ? new Compressed(listed.identity(), file)
            : new Plain(listed.identity(), file);
      }
    } catch (NoSuchFileException e) {
      // The same as another file.
    } catch (IOException e) {
      file.close();
      throw e;
    }
    file.close();
    return null;
  }

  /** What is at an offset; -1 at the end. */
  abstract int read(long offset, byte[] into, int from, int length) throws IOException;

  /** How much there is; of what would have to be read for that, the most that can be. */
  abstract long bytes() throws IOException;

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** One that may still grow. */
  private static final class Plain extends FileText {
    Plain(Object identity, FileChannel file) {
      super(identity, file);
    }

    @Override
    int read(long offset, byte[] into, int from, int length) throws IOException {
      return file.read(ByteBuffer.wrap(into, from, length), offset);
    }

    @Override
    long bytes() throws IOException {
      return file.size();
    }
  }

  /** One that has to be read from its beginning. */
  private static final class Compressed extends FileText {
    private @Nullable InputStream text;
    private long position;

    Compressed(Object identity, FileChannel file) {
      super(identity, file);
    }

    @Override
    int read(long offset, byte[] into, int from, int length) throws IOException {
      InputStream open = text;
      if (open == null || offset < position) {
        file.position(0);
        open =
            new GZIPInputStream(
                new BufferedInputStream(Channels.newInputStream(file), BLOCK_BYTES), BLOCK_BYTES);
        text = open;
        position = 0;
      }
      try {
        open.skipNBytes(offset - position);
      } catch (EOFException e) {
        text = null;
        return -1;
      }
      position = offset;
      int read = open.readNBytes(into, from, length);
      position += read;
      return read == 0 ? -1 : read;
    }

    @Override
    long bytes() {
      return Long.MAX_VALUE;
    }

    @Override
    public void close() throws IOException {
      InputStream closing = text;
      if (closing != null) {
        closing.close(); // Its inflater is not the heap's.
      }
      super.close();
    }
  }
}
