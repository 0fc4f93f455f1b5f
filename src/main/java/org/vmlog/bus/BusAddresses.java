package org.vmlog.bus;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.freedesktop.dbus.connections.BusAddress;

/**
 * Reads D-Bus server addresses (D-Bus specification, "Server Addresses"): a list separated by
 * semicolons, with values in percent escapes, neither of which dbus-java knows. Thread-safe.
 */
final class BusAddresses {
  /** What fits in sockaddr_un.sun_path before its final NUL, unix(7). */
  private static final int MAX_PATH_BYTES = 107;

  private static final String SYSTEM_BUS =
      "unix:path=/run/dbus/system_bus_socket;unix:path=/var/run/dbus/system_bus_socket";

  private BusAddresses() {}

  /** Where this process was told that the system bus is. */
  static Optional<String> ofSystemBus() {
    return Optional.ofNullable(System.getenv("DBUS_SYSTEM_BUS_ADDRESS"));
  }

  /**
   * The addresses to try, in order.
   *
   * @param address {@code system}, or one or more addresses
   * @param systemBus what DBUS_SYSTEM_BUS_ADDRESS says, if anything
   * @throws IllegalArgumentException if one of them is malformed or no Unix socket's
   */
  static List<BusAddress> parse(String address, Optional<String> systemBus) {
    if (address.equals("system")) {
      return parse(systemBus.filter(set -> !set.isEmpty()).orElse(SYSTEM_BUS));
    }
    return parse(address);
  }

  private static List<BusAddress> parse(String list) {
    List<BusAddress> addresses = new ArrayList<>();
    for (String address : list.split(";", 0)) {
      if (!address.isEmpty()) {
        addresses.add(parseOne(address));
      }
    }
    if (addresses.isEmpty()) {
      throw malformed(list, "it is empty");
    }
    return List.copyOf(addresses);
  }

  private static BusAddress parseOne(String address) {
    if (!address.startsWith("unix:")) {
      throw malformed(address, "only Unix sockets are supported");
    }
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : address.substring("unix:".length()).split(",", -1)) {
      int equals = option.indexOf('=');
      if (equals <= 0) {
        throw malformed(address, "\"" + option + "\" is no key=value");
      }
      if (options.put(option.substring(0, equals), option.substring(equals + 1)) != null) {
        throw malformed(address, "it has " + option.substring(0, equals) + " twice");
      }
    }
    String path = options.get("path");
    String name = options.get("abstract");
    if ((path == null) == (name == null)) {
      throw malformed(address, "it has to have one of path and abstract");
    }
    // Only these reach dbus-java: others, such as guid or listen, would change what it does.
    return path != null
        ? BusAddress.of("unix:path=").addParameter("path", decode(address, path))
        : BusAddress.of("unix:abstract=")
            .addParameter("abstract", decode(address, name == null ? "" : name));
  }

  private static String decode(String address, String value) {
    ByteArrayOutputStream decoded = new ByteArrayOutputStream();
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != '%') {
        decoded.write(bytes[i]);
      } else if (i + 2 < bytes.length
          && HexFormat.isHexDigit(bytes[i + 1])
          && HexFormat.isHexDigit(bytes[i + 2])) {
        decoded.write(
            HexFormat.fromHexDigit(bytes[i + 1]) << 4 | HexFormat.fromHexDigit(bytes[i + 2]));
        i += 2;
      } else {
        throw malformed(address, "a % has to be followed by two hexadecimal digits");
      }
    }
    if (decoded.size() == 0 || decoded.size() > MAX_PATH_BYTES) {
      throw malformed(
          address, "its path has %s bytes, not 1 to %s".formatted(decoded.size(), MAX_PATH_BYTES));
    }
    return decoded.toString(StandardCharsets.UTF_8);
  }

  private static IllegalArgumentException malformed(String address, String why) {
    return new IllegalArgumentException(
        ("D-Bus address \"%s\": %s; allowed are \"system\", unix:path=/… and unix:abstract=…,"
                + " several with ; between them")
            .formatted(address, why));
  }
}
