package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelConfig;

/**
 * Takes options that mean nothing on a socket's family without a warning for each connection: gRPC
 * sets TCP's on every child. Confined to the event loop.
 */
final class QuietConfig extends EpollChannelConfig {
  QuietConfig(Channel channel) {
    super(channel);
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    boolean unused = super.setOption(option, value);
    return true;
  }
}
