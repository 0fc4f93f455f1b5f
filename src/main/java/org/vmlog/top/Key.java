package org.vmlog.top;

/** A key that was pressed. */
sealed interface Key {
  /** One that has a character: letters, ESC, carriage return, DEL. */
  record Typed(int codePoint) implements Key {}

  /** One that has none. */
  enum Special implements Key {
    UP,
    DOWN,
    PAGE_UP,
    PAGE_DOWN,
    OTHER
  }
}
