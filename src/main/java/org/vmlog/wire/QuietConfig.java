package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.WriteBufferWaterMark;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelConfig;

/**
 * A door's or a connection's options. Takes those that mean nothing on a socket's family without a
 * warning for each connection, since gRPC's clients set TCP's on every one. Confined to the event
 * loop.
 */
final class QuietConfig extends EpollChannelConfig {
  private static final WriteBufferWaterMark UNREAD =
      new WriteBufferWaterMark(ConnectionMemory.UNREAD_BYTES / 2, ConnectionMemory.UNREAD_BYTES);

  private static final AdaptiveRecvByteBufAllocator READS =
      new AdaptiveRecvByteBufAllocator(64, 2 << 10, ConnectionMemory.READ_BYTES);

  QuietConfig(Channel channel) {
    super(channel);
  }

  /** Has the connection read in buffers of bounded size, and not keep more of what it sends. */
  QuietConfig withBounds() {
    EpollChannelConfig unused = setRecvByteBufAllocator(READS);
    unused = setAllocator(ConnectionMemory.BUFFERS);
    unused = setWriteBufferWaterMark(UNREAD);
    return this;
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    boolean unused = super.setOption(option, value);
    return true;
  }
}
