package org.vmlog.config;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code [listen]}. Thread-safe. */
final class ListenSection {
  static final String DEFAULT_GROUP = "vmlog-admin";
  private static final int DEFAULT_PORT = 9999;
  private static final int JOURNAL_PORT = 9998;
  private static final int SYSLOG_PORT = 9514;
  private static final int DEFAULT_MODE = 0660;

  static ForwarderConfig.Listen read(TomlView listen, Path runtime, Groups groups) {
    OptionalInt vsock = port(listen, "vsock", OptionalInt.of(DEFAULT_PORT));
    return new ForwarderConfig.Listen(
        vsock,
        listen.get("tcp", NumericAddresses.ENDPOINT_ADDRESS.orFalse(), Optional.empty()),
        listen.get(
            "unix",
            ValueTypes.ABSOLUTE_PATH.orFalse(),
            Optional.of(runtime.resolve("forwarder.sock"))),
        listen.get("unix_mode", ValueTypes.MODE, DEFAULT_MODE),
        groups.read(listen, "unix_group", DEFAULT_GROUP),
        stream(listen, "journal", vsock.isPresent(), JOURNAL_PORT),
        stream(listen, "syslog", vsock.isPresent(), SYSLOG_PORT));
  }

  /**
   * Where streams of a kind come in: {@code KIND}, {@code KIND_tcp} and {@code KIND_unix}.
   *
   * @param vsock whether they do by vsock when nothing is said of it
   */
  private static ForwarderConfig.StreamListen stream(
      TomlView listen, String kind, boolean vsock, int port) {
    return new ForwarderConfig.StreamListen(
        port(listen, kind, vsock ? OptionalInt.of(port) : OptionalInt.empty()),
        listen.get(kind + "_tcp", NumericAddresses.ENDPOINT_ADDRESS.orFalse(), Optional.empty()),
        listen.get(kind + "_unix", ValueTypes.ABSOLUTE_PATH.orFalse(), Optional.empty()));
  }

  private static OptionalInt port(TomlView listen, String key, OptionalInt fallback) {
    Optional<Optional<Long>> port =
        listen.get(key, ValueTypes.integer(1, Integer.MAX_VALUE).orFalse());
    return port.map(ListenSection::toInt).orElse(fallback);
  }

  private static OptionalInt toInt(Optional<Long> port) {
    return port.isPresent() ? OptionalInt.of(port.get().intValue()) : OptionalInt.empty();
  }

  private ListenSection() {}
}
