package org.vmlog.logs;

/**
 * How far a log was shipped and acknowledged: all of its older files, and this one up to an offset.
 * Immutable.
 *
 * @param file the file's id, which stays when it is renamed or compressed
 * @param offset of the first byte that is not acknowledged, in the uncompressed text
 * @param seen how large the file was when it was seen last; not less than the offset
 */
public record LogCursor(long file, long offset, long seen) {
  /** Before all that is in a file. */
  public static LogCursor beginOf(long file) {
    return new LogCursor(file, 0, 0);
  }

  /** So much of the file was acknowledged. */
  public LogCursor at(long newOffset) {
    return new LogCursor(file, newOffset, Math.max(seen, newOffset));
  }

  /** The file has so many bytes, or had once. */
  public LogCursor seen(long bytes) {
    return new LogCursor(file, offset, Math.max(seen, bytes));
  }
}
