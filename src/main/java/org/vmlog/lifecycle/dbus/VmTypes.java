package org.vmlog.lifecycle.dbus;

import java.util.Locale;
import org.vmlog.proto.concierge.VmType;

/** What people call concierge's kinds of VMs. Stateless. */
final class VmTypes {
  private VmTypes() {}

  /** Its name in small letters, or its number if this version does not know it. */
  static String name(int number) {
    VmType type = VmType.forNumber(number);
    return type == null ? Integer.toString(number) : type.name().toLowerCase(Locale.ROOT);
  }
}
