package org.vmlog.wire;

import java.net.InetSocketAddress;
import java.nio.file.Path;

/** Where a guest finds its host's forwarder. */
public sealed interface HostAddress {

  /**
   * A port on a context id, vsock(7).
   *
   * @param cid unsigned 32 bit; 2 is a guest's host
   */
  record Vsock(long cid, int port) implements HostAddress {
    @Override
    public String toString() {
      return "vsock:" + cid + ":" + port;
    }
  }

  /** A TCP address, which is not looked up. */
  record Tcp(InetSocketAddress address) implements HostAddress {
    @Override
    public String toString() {
      String ip = address.getAddress().getHostAddress();
      return (ip.contains(":") ? "[" + ip + "]" : ip) + ":" + address.getPort();
    }
  }

  /** A stream socket on a path, unix(7), such as a VM's own {@code .grpc}. */
  record Unix(Path path) implements HostAddress {
    @Override
    public String toString() {
      return "unix:" + path;
    }
  }
}
