package org.vmlog.bus;

/** An error on D-Bus: its name, for programs, and a sentence for people. Immutable. */
public final class BusException extends Exception {
  private static final long serialVersionUID = 1;

  private static final String ERRORS = "org.freedesktop.DBus.Error.";

  public static final String INVALID_ARGUMENTS = ERRORS + "InvalidArgs";
  public static final String UNKNOWN_METHOD = ERRORS + "UnknownMethod";
  public static final String UNKNOWN_PROPERTY = ERRORS + "UnknownProperty";
  public static final String READ_ONLY = ERRORS + "PropertyReadOnly";
  public static final String UNKNOWN_SERVICE = ERRORS + "ServiceUnknown";
  public static final String DENIED = ERRORS + "AccessDenied";
  public static final String FAILED = ERRORS + "Failed";
  public static final String LIMITS = ERRORS + "LimitsExceeded";
  public static final String NO_REPLY = ERRORS + "NoReply";

  private final String name;

  public BusException(String name, String message) {
    super(message);
    this.name = name;
  }

  /** What programs tell errors apart by, such as {@code org.freedesktop.DBus.Error.Failed}. */
  public String name() {
    return name;
  }
}
