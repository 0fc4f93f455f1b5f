package org.vmlog.forwarder;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.function.Supplier;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.exposition.MetricsEndpoint;
import org.vmlog.platform.SocketAccess;
import org.vmlog.platform.Threads;

/** Opens the metrics where the configuration has them. */
final class HostMetrics {
  /** Whoever may read the logs: they are the daemon's group's, too. */
  private static final SocketAccess ACCESS = new SocketAccess(0660, Optional.empty());

  private HostMetrics() {}

  /**
   * Serves a page; empty when the configuration has it nowhere.
   *
   * @throws java.net.BindException if the address or socket is somebody else's
   */
  static Optional<MetricsEndpoint> start(ForwarderConfig config, Supplier<byte[]> page)
      throws IOException {
    if (config.metrics().listen().isEmpty()) {
      return Optional.empty();
    }
    SocketAddress address = config.metrics().listen().get();
    return Optional.of(MetricsEndpoint.on(address, ACCESS, Threads.named("vmlog-metrics"), page));
  }
}
