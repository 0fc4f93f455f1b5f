package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelConfig;

/**
 * A door's or a connection's options. Takes those that mean nothing on a socket's family without a
 * warning for each connection, since gRPC sets TCP's on every child, and guards the allocator that
 * it sets. Confined to the event loop.
 */
final class QuietConfig extends EpollChannelConfig {
  /** Of a connection: a partial frame may hold a whole buffer, however little there is of it. */
  private static final AdaptiveRecvByteBufAllocator READS =
      new AdaptiveRecvByteBufAllocator(64, 2 << 10, ConnectionMemory.READ_BYTES);

  QuietConfig(Channel channel) {
    super(channel);
  }

  /** Has the connection read in buffers of bounded size. */
  QuietConfig withBoundedReads() {
    EpollChannelConfig unused = setRecvByteBufAllocator(READS);
    return this;
  }

  @Override
  public EpollChannelConfig setAllocator(ByteBufAllocator allocator) {
    return super.setAllocator(new GuardedAllocator(allocator));
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    boolean unused = super.setOption(option, value);
    return true;
  }
}
