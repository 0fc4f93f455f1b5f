package org.vmlog.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * IP addresses written as numbers. Nothing here ever asks a name server: the daemon must start
 * without one, and who a peer is must not depend on what one answers. Thread-safe.
 */
final class NumericAddresses {
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");

  /** No zone ({@code %eth0}): it names an interface that may not be there yet. */
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private static final Pattern ENDPOINT =
      Pattern.compile("(?:\\[([^\\[\\]]+)]|([^:\\[\\]]+)):([1-9]\\d{0,4})");

  /** {@code 10.0.7.2} or {@code fd00::2}. */
  static final ValueType<InetAddress> ADDRESS =
      toml ->
          (toml instanceof String text ? parse(text) : Optional.<InetAddress>empty())
              .orElseThrow(
                  () ->
                      new BadValueException(
                          "a numeric address such as \"10.0.7.2\" or \"fd00::2\""
                              + " (names are not looked up)"));

  /** {@code 127.0.0.1:9999} or {@code [::1]:9999}. */
  static final ValueType<InetSocketAddress> ENDPOINT_ADDRESS =
      toml ->
          (toml instanceof String text ? parseEndpoint(text) : Optional.<InetSocketAddress>empty())
              .orElseThrow(
                  () ->
                      new BadValueException(
                          "a numeric address and a port from 1 to 65535, such as"
                              + " \"127.0.0.1:9999\" or \"[::1]:9999\" (names are not looked up)"));

  /** The form that {@link #ENDPOINT_ADDRESS} reads. */
  static String format(InetSocketAddress endpoint) {
    String address = endpoint.getAddress().getHostAddress();
    return (address.contains(":") ? "[" + address + "]" : address) + ":" + endpoint.getPort();
  }

  private static Optional<InetSocketAddress> parseEndpoint(String text) {
    Matcher matcher = ENDPOINT.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > 65_535) {
      return Optional.empty();
    }
    boolean bracketed = matcher.group(1) != null;
    String address = bracketed ? matcher.group(1) : matcher.group(2);
    if (bracketed != address.contains(":")) {
      return Optional.empty();
    }
    int port = Integer.parseInt(matcher.group(3));
    return parse(address).map(ip -> new InetSocketAddress(ip, port));
  }

  private static Optional<InetAddress> parse(String text) {
    if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(text)); // Such a text is never looked up.
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private NumericAddresses() {}
}
