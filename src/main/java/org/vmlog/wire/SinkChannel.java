package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelConfig;
import io.grpc.netty.shaded.io.netty.channel.epoll.LinuxSocket;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a stream that was connected before netty had it. "Connecting" takes the
 * descriptor, once; from then on there is none. Confined to the event loop.
 */
final class SinkChannel extends AbstractEpollStreamChannel {
  /** What gRPC "connects" to. */
  static final SocketAddress ADDRESS =
      new SocketAddress() {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
          return "sink";
        }
      };

  private static final int NONE = -1;

  private final QuietConfig config = new QuietConfig(this);
  private final boolean connected;

  private SinkChannel(LinuxSocket socket, boolean connected) {
    super(socket, false);
    this.connected = connected;
  }

  /**
   * The next channel for gRPC: the first has the descriptor, all others cannot connect.
   *
   * @param descriptor holds the number until it is taken
   */
  static SinkChannel next(AtomicInteger descriptor) {
    int number = descriptor.getAndSet(NONE);
    return number == NONE
        ? new SinkChannel(LinuxSocket.newSocketDomain(), false)
        : new SinkChannel(LinuxSocket.newSocket(number), true);
  }

  @Override
  protected boolean doConnect(SocketAddress remote, @Nullable SocketAddress local)
      throws ConnectException {
    if (!connected) {
      throw new ConnectException("a sink that has ended is not connected again");
    }
    active = true;
    return true;
  }

  @Override
  public EpollChannelConfig config() {
    return config;
  }

  @Override
  protected SocketAddress localAddress0() {
    return ADDRESS;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return ADDRESS;
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("a sink is not bound: " + address);
  }
}
