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
import org.vmlog.identity.SourceIdentity;

/**
 * A listening socket. It accepts, asks who the peer is, and makes the connection's channel with
 * that identity for an address, all before a byte is read. Confined to the event loop.
 */
final class DoorChannel extends AbstractEpollServerChannel {
  private static final int BACKLOG = 128;

  /** To bind to for a socket that is bound, which has only to listen. */
  static final SocketAddress ALREADY_BOUND = new LocalAddress("bound");

  private final QuietConfig config = new QuietConfig(this);
  private final SocketFamily family;
  private final PeerIdentifier identifier;
  private volatile SocketAddress local = HubChannel.ADDRESS;

  private DoorChannel(LinuxSocket socket, SocketFamily family, PeerIdentifier identifier) {
    super(socket, false);
    this.family = family;
    this.identifier = identifier;
  }

  /** A door for an address's family, not bound yet. */
  static DoorChannel forAddress(ListenAddress address, PeerIdentifier identifier)
      throws IOException {
    if (address instanceof ListenAddress.Vsock) {
      return new DoorChannel(LinuxSocket.newVSockStream(), SocketFamily.VSOCK, identifier);
    }
    if (address instanceof ListenAddress.Tcp tcp) {
      boolean ipv6 = tcp.address().getAddress() instanceof Inet6Address;
      LinuxSocket socket = LinuxSocket.newSocketStream(ipv6);
      return new DoorChannel(socket, SocketFamily.TCP, identifier);
    }
    if (address instanceof ListenAddress.Inherited inherited) {
      LinuxSocket socket = LinuxSocket.newSocket(inherited.descriptor());
      return new DoorChannel(socket, SocketFamily.of(socket), identifier);
    }
    return new DoorChannel(LinuxSocket.newSocketDomain(), SocketFamily.UNIX, identifier);
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
      SourceIdentity source = identifier.identify(family.peer(accepted));
      return new PeerChannel(this, accepted, local, source);
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
