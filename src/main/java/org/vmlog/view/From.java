package org.vmlog.view;

/** Where in a log to begin. */
public sealed interface From {
  /** At its oldest line. */
  record Beginning() implements From {}

  /** So many lines before its end, of those that are to be shown. */
  record Last(int lines) implements From {}

  /**
   * At a start of the VM, and up to the next.
   *
   * @param which 0 the latest, -1 the one before it, 1 the oldest that there is
   * @param lines how many are shown, the last of each log
   */
  record Start(int which, int lines) implements From {}

  /**
   * Where another command had got to; a log that it did not have, at its oldest line.
   *
   * @param lines how many of what is new are shown, the last of each log
   */
  record After(Cursor cursor, int lines) implements From {
    /** All that is new. */
    public After(Cursor cursor) {
      this(cursor, Integer.MAX_VALUE);
    }
  }
}
