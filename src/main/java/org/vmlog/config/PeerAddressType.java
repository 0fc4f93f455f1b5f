package org.vmlog.config;

import java.net.InetAddress;

/**
 * An address that may name a VM: one whose packets no local user can send. Any local user can bind
 * a loopback address, or one of the host's own, and would then be that VM. Immutable.
 */
final class PeerAddressType implements ValueType<InetAddress> {
  private final boolean loopbackMayName;
  private final HostFacts host;

  PeerAddressType(boolean loopbackMayName, HostFacts host) {
    this.loopbackMayName = loopbackMayName;
    this.host = host;
  }

  @Override
  public InetAddress parse(Object toml) throws BadValueException {
    InetAddress address = NumericAddresses.ADDRESS.parse(toml);
    if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
      throw new BadValueException("the address of one peer, not a wildcard or multicast address");
    }
    if (address.isLoopbackAddress()) {
      if (loopbackMayName) {
        return address;
      }
      throw new BadValueException(
          "not a loopback address: any local user can bind one and be this VM"
              + " (attribution.insecure_loopback_identity = true allows it for tests)");
    }
    if (host.hasAddress(address)) {
      throw new BadValueException(
          "not an address of this host: any local user can bind it and be this VM");
    }
    return address;
  }
}
