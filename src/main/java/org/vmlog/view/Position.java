package org.vmlog.view;

import java.io.IOException;

/**
 * A place between two lines of a log, which stays the same place when files are rotated and
 * compressed: how the file begins, and how far into it. Immutable.
 *
 * @param offset in bytes, uncompressed, more than 0
 */
record Position(Fingerprint file, long offset) {

  static Position in(OpenFile file, long offset) throws IOException {
    int head = (int) Math.min(offset, Fingerprint.MAX_BYTES);
    return new Position(Fingerprint.of(file, head), offset);
  }

  /** Whether it is a place in this file. */
  boolean isIn(OpenFile other) throws IOException {
    return (other.gzip() || other.size() >= offset)
        && Fingerprint.of(other, file.length()).equals(file);
  }
}
