package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelConfig;
import io.grpc.netty.shaded.io.netty.channel.epoll.LinuxSocket;
import io.grpc.netty.shaded.io.netty.channel.epoll.Native;
import io.grpc.netty.shaded.io.netty.channel.epoll.VSockAddress;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A guest's connection to its host, over a socket of any family: the other end of a {@link
 * PeerChannel}. Confined to the event loop.
 */
final class HostChannel extends AbstractEpollStreamChannel {
  private final QuietConfig config = new QuietConfig(this);
  private @Nullable SocketAddress remote;

  private HostChannel(LinuxSocket socket) {
    super(socket, false);
  }

  /** A channel for an address's family, not connected yet. */
  static HostChannel forAddress(HostAddress address) throws IOException {
    if (address instanceof HostAddress.Vsock) {
      return new HostChannel(LinuxSocket.newVSockStream());
    }
    if (address instanceof HostAddress.Tcp tcp) {
      boolean ipv6 = tcp.address().getAddress() instanceof Inet6Address;
      LinuxSocket socket = LinuxSocket.newSocketStream(ipv6);
      socket.setTcpNoDelay(true);
      return new HostChannel(socket);
    }
    return new HostChannel(LinuxSocket.newSocketDomain());
  }

  /** An address as netty has it. */
  static SocketAddress socketAddress(HostAddress address) {
    if (address instanceof HostAddress.Vsock vsock) {
      return new VSockAddress((int) vsock.cid(), vsock.port());
    }
    if (address instanceof HostAddress.Tcp tcp) {
      return tcp.address();
    }
    return new DomainSocketAddress(((HostAddress.Unix) address).path().toString());
  }

  /** Answers false when the connection is still to come, which the superclass then finishes. */
  @Override
  protected boolean doConnect(SocketAddress address, @Nullable SocketAddress local)
      throws IOException {
    remote = address;
    boolean connected =
        address instanceof VSockAddress vsock
            ? socket.connectVSock(vsock)
            : socket.connect(address);
    if (!connected) {
      setFlag(Native.EPOLLOUT);
    }
    return connected;
  }

  @Override
  public EpollChannelConfig config() {
    return config;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return remote;
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return remote;
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("a connection to the host is not bound: " + address);
  }
}
