package org.vmlog.wire;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.vmlog.platform.SocketAccess;

/** Where a door is. */
public sealed interface ListenAddress {

  /** A port on every context id of this host, VMADDR_CID_ANY; vsock(7). */
  record Vsock(int port) implements ListenAddress {
    @Override
    public String toString() {
      return "vsock:any:" + port;
    }
  }

  /** A TCP address; port 0 lets the kernel choose. */
  record Tcp(InetSocketAddress address) implements ListenAddress {
    @Override
    public String toString() {
      return "tcp:" + address.getAddress().getHostAddress() + ":" + address.getPort();
    }
  }

  /**
   * A socket that a VMM with hybrid vsock connects to on behalf of its guest. It lies in the VMM's
   * folder, which may be any user's, but must not be writable by all.
   *
   * @param access who may connect
   */
  record HybridVsock(Path path, SocketAccess access) implements ListenAddress {
    @Override
    public String toString() {
      return "hybrid vsock " + path;
    }
  }

  /**
   * A stream socket on a path; unix(7).
   *
   * @param access who may connect
   */
  record Unix(Path path, SocketAccess access) implements ListenAddress {
    @Override
    public String toString() {
      return "unix:" + path;
    }
  }

  /**
   * A socket that listens already, and that whoever opened it keeps.
   *
   * @param descriptor non-blocking, and this process's own; closed with the door
   * @param name for messages
   */
  record Inherited(int descriptor, String name) implements ListenAddress {
    @Override
    public String toString() {
      return "inherited socket " + name;
    }
  }
}
