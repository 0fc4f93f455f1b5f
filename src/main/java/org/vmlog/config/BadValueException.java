package org.vmlog.config;

/** A value is not what its key takes; the message is what would have been allowed. Immutable. */
final class BadValueException extends Exception {
  private static final long serialVersionUID = 1;

  BadValueException(String allowed) {
    super(allowed);
  }

  String allowed() {
    return String.valueOf(getMessage());
  }
}
