package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.epoll.AbstractEpollServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelConfig;
import io.grpc.netty.shaded.io.netty.channel.epoll.LinuxSocket;
import io.grpc.netty.shaded.io.netty.channel.epoll.VSockAddress;
import io.grpc.netty.shaded.io.netty.channel.local.LocalAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.SocketAddress;

/**
 * A listening socket. It accepts, and asks the kernel who the peer is before a byte is read.
 * Confined to the event loop.
 */
final class DoorChannel extends AbstractEpollServerChannel {
  private static final int BACKLOG = 128;

  /** To bind to for a socket that is bound, which has only to listen. */
  static final SocketAddress ALREADY_BOUND = new LocalAddress("bound");

  private final QuietConfig config = new QuietConfig(this);
  private final SocketFamily family;
  private volatile SocketAddress local = ALREADY_BOUND;

  private DoorChannel(LinuxSocket socket, SocketFamily family) {
    super(socket, false);
    this.family = family;
  }

  /** A door for an address's family, not bound yet. */
  static DoorChannel forAddress(ListenAddress address) throws IOException {
    if (address instanceof ListenAddress.Vsock) {
      return new DoorChannel(LinuxSocket.newVSockStream(), SocketFamily.VSOCK);
    }
    if (address instanceof ListenAddress.Tcp tcp) {
      boolean ipv6 = tcp.address().getAddress() instanceof Inet6Address;
      return new DoorChannel(LinuxSocket.newSocketStream(ipv6), SocketFamily.TCP);
    }
    if (address instanceof ListenAddress.Inherited inherited) {
      LinuxSocket socket = LinuxSocket.newSocket(inherited.descriptor());
      return new DoorChannel(socket, SocketFamily.of(socket));
    }
    return new DoorChannel(LinuxSocket.newSocketDomain(), SocketFamily.UNIX);
  }

  /** What to bind a door to that has no file. */
  static SocketAddress bindAddress(ListenAddress address) {
    if (address instanceof ListenAddress.Vsock vsock) {
      return new VSockAddress(VSockAddress.VMADDR_CID_ANY, vsock.port());
    }
    if (address instanceof ListenAddress.Tcp tcp) {
      return tcp.address();
    }
    if (address instanceof ListenAddress.Inherited) {
      return ALREADY_BOUND;
    }
    throw new IllegalArgumentException(address + " is bound where its file is made");
  }

  SocketFamily family() {
    return family;
  }

  @Override
  protected void doBind(SocketAddress address) throws Exception {
    boolean bound = address.equals(ALREADY_BOUND);
    local = bound ? family.local(socket) : family.bind(socket, address);
    socket.listen(BACKLOG);
    active = true;
  }

  @Override
  protected Channel newChildChannel(int fd, byte[] address, int offset, int length)
      throws Exception {
    LinuxSocket accepted = LinuxSocket.newSocket(fd);
    try {
      return new PeerChannel(this, accepted, local, family.peer(accepted));
    } catch (IOException | RuntimeException e) {
      accepted.close();
      throw e;
    }
  }

  @Override
  protected SocketAddress localAddress0() {
    return local;
  }

  @Override
  public EpollChannelConfig config() {
    return config;
  }
}
