package org.vmlog.bus;

import org.freedesktop.dbus.connections.BusAddress;
import org.freedesktop.dbus.connections.config.TransportConfig;
import org.freedesktop.dbus.connections.transports.AbstractTransport;
import org.freedesktop.dbus.exceptions.TransportConfigurationException;
import org.freedesktop.dbus.spi.transport.ITransportProvider;

/**
 * How dbus-java finds {@link BusTransport}: public and named in {@code META-INF/services}, for its
 * ServiceLoader. Immutable.
 */
public final class BusTransportProvider implements ITransportProvider {
  /** Of addresses that are to be connected to by our transport. */
  static final String TYPE = "vmlog-unix";

  /** An address as it is, but for the transport. */
  static BusAddress address(BusAddress unix) {
    BusAddress address = BusAddress.of(TYPE + ":guid=");
    address.removeParameter("guid"); // of() takes no address without a parameter
    for (String option : new String[] {"path", "abstract"}) {
      if (unix.hasParameter(option)) {
        address.addParameter(option, unix.getParameterValue(option));
      }
    }
    return address;
  }

  @Override
  public String getTransportName() {
    return TYPE;
  }

  @Override
  public AbstractTransport createTransport(BusAddress address, TransportConfig config)
      throws TransportConfigurationException {
    return new BusTransport(address, config);
  }

  @Override
  public String getSupportedBusType() {
    return TYPE.toUpperCase(java.util.Locale.ROOT);
  }

  @Override
  public String createDynamicSessionAddress(boolean listening) {
    throw new UnsupportedOperationException("buses are connected to, not made");
  }
}
