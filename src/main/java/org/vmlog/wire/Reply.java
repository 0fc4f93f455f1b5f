package org.vmlog.wire;

/** The answer that a request waits for. Exactly one of the two is called, once. Thread-safe. */
public interface Reply {
  /** Why a request was not taken, and what its sender is told by it: a status of gRPC. */
  enum Refusal {
    /** It does not parse, and will not the next time: INVALID_ARGUMENT. */
    MALFORMED,
    /** Not now; the same request may be sent again: UNAVAILABLE. */
    UNAVAILABLE,
    /** Not from this peer: PERMISSION_DENIED. */
    DENIED,
    /**
     * It is larger than one may be, or more than there is memory for, or as many streams are open
     * as may be: RESOURCE_EXHAUSTED.
     */
    TOO_LARGE,
    /** It did not arrive in time: DEADLINE_EXCEEDED. */
    TOO_SLOW,
    /** Another has taken its place: ABORTED. */
    TAKEN_OVER,
    /** This kind of request is not for this peer: UNIMPLEMENTED. */
    UNSUPPORTED
  }

  /**
   * Charges the peer for more that its request takes until it is answered; on the connection's
   * event loop.
   *
   * @return false when that is more than it may have
   */
  default boolean hold(int bytes) {
    return true;
  }

  /** Gives some of that back before. */
  default void letGo(int bytes) {}

  /** Why {@link #hold} has said no: how much is held, wanted and allowed. */
  default String tooMuch(int bytes) {
    return "too much is being sent at once";
  }

  /** Every record of the request is written, or counted in a drop line. */
  void ok();

  /**
   * The request was not taken, or only a prefix of it.
   *
   * @param reason told to the peer; never holds anything of another source
   */
  void refuse(Refusal refusal, String reason);
}
