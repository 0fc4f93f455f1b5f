package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.channel.socket.DuplexChannel;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection in two steps: our half of it, and the rest once the peer has closed its own,
 * or has had a second to do so. To close(2) a socket in which something waits unread (a PING is
 * enough) resets the connection, and with it go the last answers that the peer has not taken yet;
 * it would send those requests again. Confined to the connection's event loop.
 */
final class LingeringClose extends ChannelDuplexHandler {
  private static final int LINGER_SECONDS = 1;

  /** The end of the second step's patience; null before the first. */
  private @Nullable Future<?> patience;

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    DuplexChannel connection = (DuplexChannel) context.channel();
    if (!connection.isActive() || connection.isInputShutdown()) {
      var unused = context.close(promise);
      return;
    }
    if (!promise.isVoid()) {
      var unused = connection.closeFuture().addListener(closed -> promise.trySuccess());
    }
    if (patience == null) {
      patience =
          context.executor().schedule(() -> closeNow(context), LINGER_SECONDS, TimeUnit.SECONDS);
      connection.config().setAutoRead(true); // until the peer's end
      var unused = connection.shutdownOutput();
    }
  }

  private static void closeNow(ChannelHandlerContext context) {
    var unused = context.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (patience == null) {
      context.fireChannelRead(message);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (patience != null) {
      boolean unused = patience.cancel(false);
    }
    context.fireChannelInactive();
  }
}
