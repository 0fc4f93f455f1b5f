package org.vmlog.config;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/** {@code [metrics]}. Thread-safe. */
final class MetricsSection {
  private static final String UNIX = "unix:";

  /** {@code unix:/run/vmlog/metrics.sock}, or an address that only this host can reach. */
  private static final ValueType<SocketAddress> ADDRESS =
      toml -> {
        if (!(toml instanceof String text)) {
          throw new BadValueException("\"unix:PATH\" or a numeric \"ADDRESS:PORT\" of this host");
        }
        if (text.startsWith(UNIX)) {
          Path path = ValueTypes.ABSOLUTE_PATH.parse(text.substring(UNIX.length()));
          return UnixDomainSocketAddress.of(path);
        }
        InetSocketAddress endpoint = NumericAddresses.ENDPOINT_ADDRESS.parse(text);
        if (!endpoint.getAddress().isLoopbackAddress()) {
          throw new BadValueException("\"unix:PATH\" or a loopback address such as 127.0.0.1:9464");
        }
        return endpoint;
      };

  static ForwarderConfig.Metrics read(TomlView metrics, Path runtime) {
    SocketAddress own = UnixDomainSocketAddress.of(runtime.resolve("metrics.sock"));
    return new ForwarderConfig.Metrics(metrics.get("listen", ADDRESS.orFalse(), Optional.of(own)));
  }

  /** Nowhere, unless it is said: vmlog-ship has no folder for a socket. */
  static Optional<SocketAddress> readShipper(TomlView metrics) {
    return metrics.get("listen", ADDRESS.orFalse(), Optional.empty());
  }

  /** The form that is read. */
  static String format(SocketAddress address) {
    return address instanceof InetSocketAddress endpoint
        ? NumericAddresses.format(endpoint)
        : UNIX + address;
  }

  private MetricsSection() {}
}
