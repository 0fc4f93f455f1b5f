package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.AbstractServerChannel;
import io.grpc.netty.shaded.io.netty.channel.ChannelConfig;
import io.grpc.netty.shaded.io.netty.channel.DefaultChannelConfig;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.SourceIdentity;

/**
 * The one server channel that gRPC knows. It is bound to nothing and accepts nothing: doors hand it
 * the connections that they have accepted. Thread-safe where it says so; otherwise confined to its
 * event loop.
 */
final class HubChannel extends AbstractServerChannel {
  /** The name under which gRPC "binds" the hub. */
  static final SocketAddress ADDRESS =
      new SocketAddress() {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
          return "hub";
        }
      };

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private volatile boolean open = true;
  private volatile boolean active;

  /** Serves a connection from now on as this source's, or closes it if that has too many. */
  void adopt(PeerChannel connection, SourceIdentity source, LogService service) {
    if (!service.admit(source)) {
      connection.unsafe().closeForcibly();
      return;
    }
    connection.pipeline().addLast(new LingeringClose(), new PayloadPacker());
    connection.identify(source);
    var unused = connection.closeFuture().addListener(closed -> service.left(source));
    eventLoop()
        .execute(
            () -> {
              if (active) {
                pipeline().fireChannelRead(connection);
                pipeline().fireChannelReadComplete();
              } else {
                connection.unsafe().closeForcibly();
              }
            });
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return active;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return active ? ADDRESS : null;
  }

  @Override
  protected void doBind(SocketAddress address) {
    active = true;
  }

  @Override
  protected void doClose() {
    active = false;
    open = false;
  }

  @Override
  protected void doBeginRead() {
    // Nothing to read: connections are handed in.
  }
}
