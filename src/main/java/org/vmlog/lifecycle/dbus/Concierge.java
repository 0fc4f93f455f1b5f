package org.vmlog.lifecycle.dbus;

import java.util.List;

/**
 * ChromeOS's launcher of VMs as it is on D-Bus: one argument {@code ay}, a protobuf, to everything
 * (vm_concierge's interface). Stateless.
 */
final class Concierge {
  static final String NAME = "org.chromium.VmConcierge";
  static final String PATH = "/org/chromium/VmConcierge";

  private Concierge() {}

  /**
   * The bytes that are the one argument of a message.
   *
   * @throws IllegalArgumentException if there is anything else
   */
  static byte[] payload(Object[] arguments) {
    if (arguments.length != 1 || !(arguments[0] instanceof List<?> boxed)) { // by dbus-java
      throw new IllegalArgumentException("its arguments are not one of the type ay");
    }
    byte[] payload = new byte[boxed.size()];
    for (int i = 0; i < payload.length; i++) {
      if (!(boxed.get(i) instanceof Byte one)) {
        throw new IllegalArgumentException("its argument is an array of something else than bytes");
      }
      payload[i] = one;
    }
    return payload;
  }
}
