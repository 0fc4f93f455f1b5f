package org.vmlog.realm;

/** What was asked of the broker cannot be had. Immutable. */
public final class RealmException extends Exception {
  private static final long serialVersionUID = 1;

  /** What programs tell refusals apart by. */
  public enum Reason {
    /** An argument is none that could ever do. */
    INVALID,
    NO_SUCH_REALM,
    REALM_EXISTS,
    /** The launcher does not say that the component uses a sink. */
    NOT_USED,
    /** The listener, or the path, is somebody else's. */
    TAKEN,
    /** There is as much of it as there may be. */
    LIMIT,
    /** The realm's own sink cannot be reached, or a path cannot be listened on. */
    UNAVAILABLE
  }

  private final Reason reason;

  RealmException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
