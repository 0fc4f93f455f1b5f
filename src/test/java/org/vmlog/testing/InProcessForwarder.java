package org.vmlog.testing;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.vmlog.config.ConfigException;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.config.ForwarderConfigReader;
import org.vmlog.forwarder.ForwarderDaemon;
import org.vmlog.platform.ServiceManager;

/**
 * A forwarder within the test's own process, for tests that start several: all of it but {@code
 * main}. Lines have the times of this process's zone.
 */
public final class InProcessForwarder implements AutoCloseable {
  private final ForwarderDaemon daemon;
  private boolean closed;

  private InProcessForwarder(ForwarderDaemon daemon) {
    this.daemon = daemon;
  }

  /** Starts it on a test's host; returns when it is ready. */
  public static InProcessForwarder start(TestHost host) throws IOException, ConfigException {
    ForwarderConfig config = new ForwarderConfigReader(Map.of()).read(host.config());
    return start(config);
  }

  /** The same as with {@code --disable-log-connector}. */
  public static InProcessForwarder startWithoutLogConnector(TestHost host)
      throws IOException, ConfigException {
    return start(new ForwarderConfigReader(Map.of()).read(host.config()).withoutLogConnector());
  }

  private static InProcessForwarder start(ForwarderConfig config) throws IOException {
    return new InProcessForwarder(
        ForwarderDaemon.start(config, List.of(), ServiceManager.of(Map.of())));
  }

  /** Ends it as SIGTERM would, once: what has come in is written. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      daemon.close();
    }
  }
}
