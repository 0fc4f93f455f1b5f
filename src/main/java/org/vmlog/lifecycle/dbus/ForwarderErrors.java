package org.vmlog.lifecycle.dbus;

import org.vmlog.identity.Change;
import org.vmlog.platform.BusException;

/** The errors of {@code org.vmlog.Forwarder1}. */
final class ForwarderErrors {
  private static final String PREFIX = "org.vmlog.Error.";

  /** A key, a type or a value that no registration has. */
  static final String INVALID_ARGUMENT = PREFIX + "InvalidArgument";

  /** It is somebody else's. */
  static final String CLAIMED = PREFIX + "Claimed";

  /** The caller may not do this. */
  static final String DENIED = PREFIX + "Denied";

  /** There is no such VM. */
  static final String NOT_FOUND = PREFIX + "NotFound";

  /** It could not be done. */
  static final String FAILED = PREFIX + "Failed";

  private ForwarderErrors() {}

  static BusException of(Change.Refused refused) {
    String name =
        switch (refused.refusal()) {
          case CLAIMED -> CLAIMED;
          case UNFIT -> INVALID_ARGUMENT;
          case FAILED -> FAILED;
        };
    return new BusException(name, refused.reason());
  }

  static BusException invalid(String key, String value, String allowed) {
    return new BusException(INVALID_ARGUMENT, key + " = " + value + ": allowed is " + allowed);
  }
}
