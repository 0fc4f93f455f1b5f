package org.vmlog.identity;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** One form for each IP address. Thread-safe. */
final class Addresses {
  private Addresses() {}

  /** Turns {@code ::ffff:a.b.c.d} into a.b.c.d (RFC 4291 section 2.5.5.2); others stay. */
  static InetAddress normalise(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new AssertionError("16 bytes are an address", e);
    }
  }
}
