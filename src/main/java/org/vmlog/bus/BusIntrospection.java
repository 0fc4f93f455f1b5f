package org.vmlog.bus;

import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Introspection data of objects and of the paths that lead to them. Thread-safe. */
final class BusIntrospection {
  private static final String HEAD =
      """
      <!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
       "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
      """;

  private static final String STANDARD =
      """
       <interface name="org.freedesktop.DBus.Introspectable">
        <method name="Introspect"><arg name="xml_data" type="s" direction="out"/></method>
       </interface>
       <interface name="org.freedesktop.DBus.Peer">
        <method name="Ping"/>
        <method name="GetMachineId"><arg name="machine_uuid" type="s" direction="out"/></method>
       </interface>
      """;

  private BusIntrospection() {}

  /** What is at this path, or null if nothing is, there or below. */
  static @Nullable String of(String path, Map<String, BusObject> objects) {
    String below = path.equals("/") ? path : path + "/";
    TreeSet<String> children = new TreeSet<>();
    for (String other : objects.keySet()) {
      if (other.startsWith(below) && !other.equals(path)) {
        children.add(other.substring(below.length()).split("/", 2)[0]);
      }
    }
    BusObject object = objects.get(path);
    if (object == null && children.isEmpty()) {
      return null;
    }
    StringBuilder data = new StringBuilder(HEAD).append("<node>\n");
    if (object != null) {
      data.append(STANDARD).append(object.introspection());
    }
    children.forEach(child -> data.append(" <node name=\"").append(child).append("\"/>\n"));
    return data.append("</node>\n").toString();
  }
}
