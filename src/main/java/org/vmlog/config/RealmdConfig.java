package org.vmlog.config;

import java.util.List;
import java.util.logging.Level;
import org.vmlog.realm.BrokerLimits;
import org.vmlog.realm.SinkFolder;

/**
 * Everything the broker of realms can be told, checked and with defaults filled in. Immutable.
 *
 * @param busAddress {@code system} or a D-Bus address
 * @param groups whose members may call it, besides root and its own user
 */
public record RealmdConfig(
    String busAddress, List<String> groups, SinkFolder sinks, BrokerLimits limits, Level logLevel) {
  public RealmdConfig {
    groups = List.copyOf(groups);
  }
}
