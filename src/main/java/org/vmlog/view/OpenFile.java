package org.vmlog.view;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.ChannelInput;
import org.vmlog.logs.LogFile;

/**
 * One file of a log, held open: the same whatever rotation calls it by then. Confined to one
 * thread.
 */
final class OpenFile implements AutoCloseable {
  private static final int BLOCK_BYTES = 64 * 1024;
  private static final int MAX_TRIES = 20;
  private static final int GZIP_TRAILER_BYTES = 8;

  private final Path path;
  private final FileChannel channel;
  private final boolean current;
  private final boolean gzip;
  private final Object identity;
  private Instant modified;

  private OpenFile(LogFile file, FileChannel channel, BasicFileAttributes stat) {
    this.path = file.path();
    this.channel = channel;
    this.current = file.number() == 0;
    this.gzip = file.gzip();
    this.identity = identity(stat);
    this.modified = stat.lastModifiedTime().toInstant();
  }

  /**
   * Opens what has this name now.
   *
   * @return null if that is a link, or anything but a file
   * @throws java.nio.file.NoSuchFileException if there is nothing
   */
  static @Nullable OpenFile open(LogFile file) throws IOException {
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      BasicFileAttributes before = stat(file.path());
      if (!before.isRegularFile()) {
        return null;
      }
      FileChannel channel =
          FileChannel.open(file.path(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
      boolean same = false;
      try {
        // Names go up only, so what has it before and after had it in between.
        same = identity(stat(file.path())).equals(identity(before));
        if (same) {
          return new OpenFile(file, channel, before);
        }
      } finally {
        if (!same) {
          channel.close();
        }
      }
    }
    throw new FileSystemException(file.path().toString(), null, "is another file each time");
  }

  /** Whether this name is this file's now. */
  boolean isStill(Path name) throws IOException {
    BasicFileAttributes stat = stat(name);
    boolean still = identity(stat).equals(identity);
    if (still) {
      modified = stat.lastModifiedTime().toInstant();
    }
    return still;
  }

  Path path() {
    return path;
  }

  boolean gzip() {
    return gzip;
  }

  /** Whether it was, when it was opened, the file that is written to. */
  boolean isCurrent() {
    return current;
  }

  Object identity() {
    return identity;
  }

  /** When it was last written to, as of its opening or when it {@link #isStill} was. */
  Instant modified() {
    return modified;
  }

  /** On disk, as of now. */
  long size() throws IOException {
    return channel.size();
  }

  /** The file itself, for what is not compressed. */
  FileChannel channel() {
    return channel;
  }

  /** What it holds, from the beginning, uncompressed. Any number of them may be read at once. */
  InputStream stream() throws IOException {
    InputStream bytes = new ChannelInput(channel, 0);
    return gzip ? new GZIPInputStream(bytes, BLOCK_BYTES) : bytes;
  }

  /** What it holds, from some byte of that on. */
  InputStream stream(long offset) throws IOException {
    if (!gzip) {
      return new ChannelInput(channel, offset);
    }
    InputStream in = stream();
    in.skipNBytes(offset);
    return in;
  }

  /** Whether this holds what the other did, before it was compressed. */
  boolean isCompressed(OpenFile other) throws IOException {
    if (!gzip || size() < GZIP_TRAILER_BYTES) {
      return false;
    }
    // RFC 1952: the last four bytes are the size of what it holds, modulo 2^32.
    ByteBuffer trailer = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int unused = channel.read(trailer, size() - Integer.BYTES);
    return trailer.getInt(0) == (int) other.size()
        && Fingerprint.of(this, Fingerprint.MAX_BYTES)
            .equals(Fingerprint.of(other, Fingerprint.MAX_BYTES));
  }

  private static BasicFileAttributes stat(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static Object identity(BasicFileAttributes stat) {
    return Objects.requireNonNull(stat.fileKey(), "every file here has an inode");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
