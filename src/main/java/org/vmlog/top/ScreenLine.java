package org.vmlog.top;

/** A line of the screen, no longer than that is wide. Immutable. */
record ScreenLine(String text, Style style) {
  enum Style {
    PLAIN,
    HEADER,
    /** What the arrows have come to. */
    SELECTED,
    /** Something is being lost, or cannot be told. */
    ALERT
  }
}
