package org.vmlog.logs;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The uncompressed text of one log file, which is held open: the same whatever rotation calls it by
 * then. Of a compressed file that is damaged it is what can be read before the damage. Confined to
 * one thread.
 */
public abstract sealed class LogText implements AutoCloseable {
  /**
   * No line that a forwarder writes is longer, unless its {@code limits.pipe} is: whoever reads
   * takes a longer one in pieces, or passes it.
   */
  public static final int MAX_LINE_BYTES = 8 << 20;

  private static final int BLOCK_BYTES = 64 << 10;

  final FileChannel file;
  private final LogFileName log;
  private final ListedFile listed;
  private final LogFileIds ids;

  private LogText(FileChannel file, LogFileName log, ListedFile listed, LogFileIds ids) {
    this.file = file;
    this.log = log;
    this.listed = listed;
    this.ids = ids;
  }

  /**
   * Opens a file; null when it has another name by now, or none.
   *
   * <p>An inode is used again as soon as its file is gone, so the id is asked for anew. A file's
   * name is never given back to it: what had this name before and has it now had it when it was
   * opened.
   */
  public static @Nullable LogText open(LogFileName log, ListedFile listed, LogFileIds ids)
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
            ? new Compressed(file, log, listed, ids)
            : new Plain(file, log, listed, ids);
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

  /** The file's id. */
  public long id() {
    return listed.id();
  }

  /** As it was found. */
  public ListedFile listed() {
    return listed;
  }

  /** What is at an offset; -1 at the end, and where it cannot be read any further. */
  public abstract int read(long offset, byte[] into, int from, int length) throws IOException;

  /** How much there is; of a compressed file, how much there was. */
  public abstract long bytes() throws IOException;

  /** What keeps the rest from being read, once {@link #read} has met it. */
  public abstract @Nullable IOException damage();

  /** Where the damage is. */
  public abstract long readableBytes();

  /**
   * Whether somebody has emptied it meanwhile: then the forwarder has given it another id before it
   * wrote to it again, and its offsets mean other lines. One that has no id has become shorter.
   *
   * @param offset up to which it was read
   */
  public boolean isTruncated(long offset) throws IOException {
    if (listed.compressed()) {
      return false;
    }
    try {
      BasicFileAttributes stat =
          Files.readAttributes(listed.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!listed.identity().equals(stat.fileKey())) {
        return false;
      }
      OptionalLong id = ids.of(log, listed.path());
      return ids.isInode(listed)
          ? stat.size() < offset
          : id.isPresent() && id.getAsLong() != listed.id();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /**
   * When it was written to last, if it is still called that; null if it is not.
   *
   * @throws NoSuchFileException if nothing is
   */
  public @Nullable Instant modifiedAs(Path name) throws IOException {
    BasicFileAttributes stat =
        Files.readAttributes(name, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return listed.identity().equals(stat.fileKey()) ? stat.lastModifiedTime().toInstant() : null;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** One that may still grow. */
  private static final class Plain extends LogText {
    Plain(FileChannel file, LogFileName log, ListedFile listed, LogFileIds ids) {
      super(file, log, listed, ids);
    }

    @Override
    public int read(long offset, byte[] into, int from, int length) throws IOException {
      return file.read(ByteBuffer.wrap(into, from, length), offset);
    }

    @Override
    public long bytes() throws IOException {
      return file.size();
    }

    @Override
    public @Nullable IOException damage() {
      return null;
    }

    @Override
    public long readableBytes() {
      return Long.MAX_VALUE;
    }
  }

  /** One that has to be read from its beginning; it may have several members. */
  private static final class Compressed extends LogText {
    private final byte[] skipped = new byte[BLOCK_BYTES];
    private @Nullable InputStream text;
    private @Nullable IOException damage;
    private long position;

    Compressed(FileChannel file, LogFileName log, ListedFile listed, LogFileIds ids) {
      super(file, log, listed, ids);
    }

    @Override
    public int read(long offset, byte[] into, int from, int length) throws IOException {
      if ((text == null && damage == null) || offset < position) {
        begin();
      }
      while (position < offset) {
        int most = (int) Math.min(skipped.length, offset - position);
        if (more(skipped, 0, most) < 0) {
          return -1;
        }
      }
      int read = 0;
      while (read < length) {
        int more = more(into, from + read, length - read);
        if (more < 0) {
          return read == 0 ? -1 : read;
        }
        read += more;
      }
      return read;
    }

    private void begin() throws IOException {
      position = 0;
      damage = null;
      letGo();
      // Of its own position, and not closed with the stream that is given up.
      InputStream packed = new BufferedInputStream(new ChannelInput(file, 0), BLOCK_BYTES);
      try {
        text = new GZIPInputStream(packed, BLOCK_BYTES);
      } catch (EOFException | ZipException e) {
        damage = e;
      }
    }

    private int more(byte[] into, int from, int length) throws IOException {
      InputStream open = text;
      if (damage != null || open == null) {
        return -1;
      }
      try {
        int read = open.read(into, from, length);
        position += Math.max(0, read);
        return read;
      } catch (EOFException | ZipException e) {
        damage = e;
        return -1;
      }
    }

    @Override
    public long bytes() {
      return listed().bytes();
    }

    @Override
    public @Nullable IOException damage() {
      return damage;
    }

    @Override
    public long readableBytes() {
      return position;
    }

    @Override
    public void close() throws IOException {
      letGo();
      super.close();
    }

    /** Its inflater is not the heap's. */
    private void letGo() throws IOException {
      InputStream closing = text;
      text = null;
      if (closing != null) {
        closing.close();
      }
    }
  }
}
