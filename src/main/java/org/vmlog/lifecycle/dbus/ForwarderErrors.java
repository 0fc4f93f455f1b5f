package org.vmlog.lifecycle.dbus;

import org.vmlog.bus.BusErrors;
import org.vmlog.bus.BusException;
import org.vmlog.identity.Change;

/** The errors of {@code org.vmlog.Forwarder1}. */
final class ForwarderErrors {
  private ForwarderErrors() {}

  static BusException of(Change.Refused refused) {
    String name =
        switch (refused.refusal()) {
          case CLAIMED -> BusErrors.CLAIMED;
          case UNFIT -> BusErrors.INVALID_ARGUMENT;
          case FAILED -> BusErrors.FAILED;
        };
    return new BusException(name, refused.reason());
  }

  static BusException invalid(String key, String value, String allowed) {
    return new BusException(
        BusErrors.INVALID_ARGUMENT, key + " = " + value + ": allowed is " + allowed);
  }
}
