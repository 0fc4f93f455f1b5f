package org.vmlog.config;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code [listen]}. Thread-safe. */
final class ListenSection {
  static final String DEFAULT_GROUP = "vmlog-admin";
  private static final int DEFAULT_PORT = 9999;
  private static final int DEFAULT_MODE = 0660;

  static ForwarderConfig.Listen read(TomlView listen, Path runtime, Groups groups) {
    Optional<Long> vsock =
        listen.get(
            "vsock",
            ValueTypes.integer(1, Integer.MAX_VALUE).orFalse(),
            Optional.of((long) DEFAULT_PORT));
    return new ForwarderConfig.Listen(
        vsock.isPresent() ? OptionalInt.of(vsock.get().intValue()) : OptionalInt.empty(),
        listen.get("tcp", NumericAddresses.ENDPOINT_ADDRESS.orFalse(), Optional.empty()),
        listen.get(
            "unix",
            ValueTypes.ABSOLUTE_PATH.orFalse(),
            Optional.of(runtime.resolve("forwarder.sock"))),
        listen.get("unix_mode", ValueTypes.MODE, DEFAULT_MODE),
        groups.read(listen, "unix_group", DEFAULT_GROUP));
  }

  private ListenSection() {}
}
