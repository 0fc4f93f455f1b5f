package org.vmlog.lifecycle.state;

import java.io.IOException;

/** A state file that this version did not write, or not like this. */
final class StateFormatException extends IOException {
  private static final long serialVersionUID = 1;

  StateFormatException(String message) {
    super(message);
  }

  StateFormatException(int line, String message) {
    super("line " + line + ": " + message);
  }
}
