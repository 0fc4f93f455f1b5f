package org.vmlog.realm;

/** What was handed over is no message of its kind, or names nobody who could be. Immutable. */
final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1;

  MalformedMessageException(String message) {
    super(message);
  }
}
