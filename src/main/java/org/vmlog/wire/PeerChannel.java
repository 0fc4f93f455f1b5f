package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelConfig;
import io.grpc.netty.shaded.io.netty.channel.epoll.LinuxSocket;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.SourceIdentity;

/**
 * An accepted connection of any address family, whose remote address is its source's identity.
 * Confined to the event loop.
 */
final class PeerChannel extends AbstractEpollStreamChannel {
  private final QuietConfig config = new QuietConfig(this);
  private final SocketAddress local;
  private final PeerAddress remote;

  PeerChannel(
      @Nullable Channel parent, LinuxSocket socket, SocketAddress local, SourceIdentity source) {
    // The superclass only asks whether there is a remote address: there is one from the start.
    super(parent, socket, local);
    this.local = local;
    this.remote = new PeerAddress(source, this);
  }

  SourceIdentity source() {
    return remote.source();
  }

  @Override
  public EpollChannelConfig config() {
    return config;
  }

  @Override
  protected SocketAddress localAddress0() {
    return local;
  }

  @Override
  public SocketAddress remoteAddress() {
    return remote;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return remote;
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("an accepted connection is not bound: " + address);
  }
}
