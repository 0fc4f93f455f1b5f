package org.vmlog.ship;

/**
 * How far a log has been acknowledged: all of its older files, and this one up to an offset.
 * Immutable.
 *
 * @param file the file's id, which stays when it is renamed or compressed
 * @param offset of the first byte that is not acknowledged, in the uncompressed text
 * @param seen how large the file was when it was seen last; not less than the offset
 */
record Cursor(long file, long offset, long seen) {
  static Cursor beginOf(long file) {
    return new Cursor(file, 0, 0);
  }

  Cursor at(long newOffset) {
    return new Cursor(file, newOffset, Math.max(seen, newOffset));
  }

  Cursor seen(long bytes) {
    return new Cursor(file, offset, Math.max(seen, bytes));
  }
}
