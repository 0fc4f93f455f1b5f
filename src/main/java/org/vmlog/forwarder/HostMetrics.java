package org.vmlog.forwarder;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
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
    ThreadFactory threads = Threads.named("vmlog-metrics");
    if (address instanceof UnixDomainSocketAddress unix) {
      return Optional.of(MetricsEndpoint.onUnix(unix.getPath(), ACCESS, threads, page));
    }
    return Optional.of(MetricsEndpoint.onTcp((InetSocketAddress) address, threads, page));
  }
}
