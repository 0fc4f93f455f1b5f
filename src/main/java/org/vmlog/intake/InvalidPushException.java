package org.vmlog.intake;

import java.io.Serial;

/**
 * A message says what none may say at its place; the message names the value and what was allowed.
 * Has no stack trace: a guest decides how often one is made.
 */
final class InvalidPushException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  InvalidPushException(String message) {
    super(message, null, false, false);
  }
}
