package org.vmlog.bus;

/** The names of the errors that our own interfaces answer with. */
public final class BusErrors {
  private static final String PREFIX = "org.vmlog.Error.";

  /** A key, a type or a value that no argument of this kind has. */
  public static final String INVALID_ARGUMENT = PREFIX + "InvalidArgument";

  /** It is somebody else's. */
  public static final String CLAIMED = PREFIX + "Claimed";

  /** The caller may not do this. */
  public static final String DENIED = PREFIX + "Denied";

  /** There is no such thing. */
  public static final String NOT_FOUND = PREFIX + "NotFound";

  /** There is such a thing already. */
  public static final String EXISTS = PREFIX + "Exists";

  /** There is as much of it as there may be. */
  public static final String LIMIT = PREFIX + "LimitExceeded";

  /** It could not be done. */
  public static final String FAILED = PREFIX + "Failed";

  private BusErrors() {}
}
