package org.vmlog.doctor;

/**
 * What a check has found. Immutable.
 *
 * @param what is so, in a sentence without its stop
 * @param advice what to do about it; empty if there is nothing to do
 */
public record Finding(Level level, String what, String advice) {

  /** How bad it is; the names are what is printed. */
  public enum Level {
    /** As it should be. */
    OK,
    /** Worth knowing, or not to be told. */
    NOTE,
    /** Logs are missing, or not to be seen, until something is done. */
    WRONG
  }

  static Finding ok(String what) {
    return new Finding(Level.OK, what, "");
  }

  static Finding note(String what, String advice) {
    return new Finding(Level.NOTE, what, advice);
  }

  static Finding wrong(String what, String advice) {
    return new Finding(Level.WRONG, what, advice);
  }
}
