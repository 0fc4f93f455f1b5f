package org.vmlog.realm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.SelectorLoop;
import org.vmlog.platform.SocketRelay;
import org.vmlog.platform.StreamSocket;

/**
 * The socket of a forwarder that takes no events: connections are opened there as any program
 * would, without saying whose they are, and their bytes passed on. Confined to the broker's thread.
 */
final class PlainSink {
  private static final LimitedLog LOG = LimitedLog.on(LoggerFactory.getLogger(PlainSink.class));

  private final Path path;
  private final int max;
  private final SelectorLoop loop;
  private final Set<SocketRelay> relays = new HashSet<>();

  /**
   * Has nothing opened.
   *
   * @param max connections that are open at once
   */
  PlainSink(Path path, int max, SelectorLoop loop) {
    this.path = path;
    this.max = max;
    this.loop = loop;
  }

  /** False, with the connection still the caller's, if it cannot be opened now. */
  boolean open(PendingConnection connection) {
    if (relays.size() >= max) {
      LOG.warn("{} connections are open plainly; no more are allowed", max);
      return false;
    }
    try {
      pass(connection.server(), StreamSocket.connect(path));
      LOG.warn(
          "nobody takes events: a connection of {} is opened plainly at {}",
          connection.component().id(),
          path);
      return true;
    } catch (IOException e) {
      LOG.warn("a connection cannot be opened plainly: {}", String.valueOf(e.getMessage()));
      return false;
    }
  }

  private void pass(Descriptor component, Descriptor opened) throws IOException {
    try {
      relays.add(new SocketRelay(component, opened, loop.selector(), relays::remove));
    } catch (IOException e) {
      opened.closeQuietly();
      throw e;
    }
  }

  /** Ends all that is open. */
  void close() {
    List.copyOf(relays).forEach(SocketRelay::close);
  }
}
