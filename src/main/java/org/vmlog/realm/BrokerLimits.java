package org.vmlog.realm;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How much a broker holds at once, and for how long.
 *
 * @param realms in the tree, the root not among them
 * @param sinks that are provided at a path
 * @param waiting connections that wait for a listener, and as many that are opened plainly
 * @param sinkBytes that a component may send before anybody reads, for each connection that the
 *     broker makes
 * @param plain the socket that gets what came by a path and nobody takes as an event
 * @param hold how long that waits before it is opened plainly
 */
public record BrokerLimits(
    int realms, int sinks, int waiting, int sinkBytes, Optional<Path> plain, Duration hold) {
  /** The same where nothing is opened plainly. */
  public BrokerLimits(int realms, int sinks, int waiting, int sinkBytes) {
    this(realms, sinks, waiting, sinkBytes, Optional.empty(), Duration.ZERO);
  }
}
