package org.vmlog.ship;

/**
 * Whether an engine takes records, and if not, why. Immutable.
 *
 * @param detail for people: what was tried, and what the answer was
 */
public record EngineState(Kind kind, String detail) {

  /** Each is something else to do about. */
  public enum Kind {
    READY,
    CONNECTING,
    UNREACHABLE,
    WRONG_CREDENTIALS,
    NOT_AUTHORIZED,
    TOPIC_MISSING,
    /** It is there, and has asked to be left alone for a while. */
    THROTTLED,
    REFUSED;

    /** As in the status file: {@code topic-missing}. */
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  /** Nothing is known yet. */
  public static final EngineState CONNECTING = new EngineState(Kind.CONNECTING, "");

  public static final EngineState READY = new EngineState(Kind.READY, "");

  public boolean isReady() {
    return kind == Kind.READY;
  }
}
