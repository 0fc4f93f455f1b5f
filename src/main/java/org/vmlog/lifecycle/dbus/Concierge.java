package org.vmlog.lifecycle.dbus;

import java.util.List;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.Message;

/**
 * ChromeOS's launcher of VMs as it is on D-Bus: one argument {@code ay}, a protobuf, to everything
 * (vm_concierge's interface). Stateless.
 */
final class Concierge {
  static final String NAME = "org.chromium.VmConcierge";
  static final String PATH = "/org/chromium/VmConcierge";

  private Concierge() {}

  /**
   * The bytes that a message of concierge carries.
   *
   * @throws IllegalArgumentException if it carries anything else
   */
  static byte[] payload(Message message) throws DBusException {
    if (!"ay".equals(message.getSig())) {
      throw new IllegalArgumentException("its signature is %s, not ay".formatted(message.getSig()));
    }
    List<?> boxed = (List<?>) message.getParameters()[0]; // by dbus-java
    byte[] payload = new byte[boxed.size()];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (Byte) boxed.get(i);
    }
    return payload;
  }
}
