package org.vmlog.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What stat(2) says of one name, the name itself and not what a symbolic link points to. Immutable.
 *
 * @param kind what it is
 * @param uid whose it is
 * @param permissions the low twelve bits of its mode
 * @param links how many hard links it has
 * @param identity device and inode; equal for two names of one file
 * @param inode the number of the file within its file system
 * @param sizeBytes its length
 * @param created when it was made, where the file system knows, else when it was last changed
 * @param modified when it was last written to
 */
public record FileStat(
    Kind kind,
    int uid,
    int permissions,
    int links,
    Object identity,
    long inode,
    long sizeBytes,
    Instant created,
    Instant modified) {

  /** The file types of inode(7). */
  public enum Kind {
    FIFO(0010000, "a FIFO"),
    CHARACTER_DEVICE(0020000, "a character device"),
    DIRECTORY(0040000, "a directory"),
    BLOCK_DEVICE(0060000, "a block device"),
    REGULAR_FILE(0100000, "a regular file"),
    SYMBOLIC_LINK(0120000, "a symbolic link"),
    SOCKET(0140000, "a socket"),
    UNKNOWN(0, "something unknown");

    private static final int TYPE_BITS = 0170000;
    private static final Kind[] KINDS = values();

    private final int bits;
    private final String description;

    Kind(int bits, String description) {
      this.bits = bits;
      this.description = description;
    }

    private static Kind of(int mode) {
      for (Kind kind : KINDS) {
        if (kind.bits == (mode & TYPE_BITS)) {
          return kind;
        }
      }
      return UNKNOWN;
    }

    /** With its article, for an error message. */
    @Override
    public String toString() {
      return description;
    }
  }

  /** Answers null when nothing has that name. */
  static @Nullable FileStat of(Path path) throws IOException {
    Map<String, Object> stat;
    try {
      stat =
          Files.readAttributes(
              path,
              "unix:mode,uid,nlink,fileKey,ino,size,creationTime,lastModifiedTime",
              LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
    int mode = attribute(stat, "mode", Integer.class);
    return new FileStat(
        Kind.of(mode),
        attribute(stat, "uid", Integer.class),
        mode & 07777,
        attribute(stat, "nlink", Integer.class),
        attribute(stat, "fileKey", Object.class),
        attribute(stat, "ino", Long.class),
        attribute(stat, "size", Long.class),
        attribute(stat, "creationTime", FileTime.class).toInstant(),
        attribute(stat, "lastModifiedTime", FileTime.class).toInstant());
  }

  private static <T> T attribute(Map<String, Object> stat, String name, Class<T> type) {
    return type.cast(Objects.requireNonNull(stat.get(name), name));
  }
}
