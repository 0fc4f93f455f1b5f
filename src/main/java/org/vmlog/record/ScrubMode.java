package org.vmlog.record;

/** How untrusted content is made one line of valid UTF-8. */
public enum ScrubMode {
  /** As ChromeOS: control characters and non-characters in octal, ill-formed bytes as U+FFFD. */
  STANDARD,
  /** Exactly undoable, and safe for a terminal: also escapes {@code #}, bidi and zero-width. */
  STRICT
}
