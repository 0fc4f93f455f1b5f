package org.vmlog.record;

/**
 * A stream is not what it should be. The message says what was expected, and nothing of content.
 */
public final class MalformedStreamException extends Exception {
  private static final long serialVersionUID = 1L;

  public MalformedStreamException(String message) {
    super(message);
  }
}
