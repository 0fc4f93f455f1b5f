package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Gives the payload of each DATA frame a buffer of its own size. gRPC holds it, until the message
 * is whole, as a view of the buffer that it lies in. A peer that sends one byte of its request,
 * then frames that mean nothing up to the end of a read's buffer, and so on, would have all of the
 * buffer held for each byte; a thousand of them were all the memory there is.
 *
 * <p>It costs no more than it saves: netty would copy what is left of a read, which is nearly
 * always a part of a frame, together with all of the next. The first handler of a connection;
 * confined to its event loop.
 */
final class PayloadPacker extends ChannelInboundHandlerAdapter {
  /**
   * A read of no more than this goes on as it is: {@link InboundBudget} charges that for each
   * frame.
   */
  static final int SMALL_READ_BYTES = 2 << 10;

  /** SETTINGS_MAX_FRAME_SIZE, which gRPC leaves at its default; what announces more is refused. */
  private static final int MAX_FRAME_BYTES = 16 << 10;

  private final FrameWalk walk = new FrameWalk();
  private final FrameWalk ahead = new FrameWalk();
  private @Nullable ByteBuf packing;

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf read = (ByteBuf) message;
    if (packing == null && read.capacity() <= SMALL_READ_BYTES) {
      ahead.set(walk);
      ahead.advance(read);
      if (!ahead.inData()) {
        walk.set(ahead);
        context.fireChannelRead(read);
        return;
      }
    }
    try {
      while (read.isReadable()) {
        if (walk.inData()) {
          pack(context, read);
        } else {
          ByteBuf others = read.slice(read.readerIndex(), walk.others(read));
          read.skipBytes(others.readableBytes());
          context.fireChannelRead(others.retain());
        }
      }
    } finally {
      read.release();
    }
  }

  private void pack(ChannelHandlerContext context, ByteBuf read) {
    ByteBuf into = packing;
    if (into == null) {
      int length = Math.min(walk.payloadLeft(), MAX_FRAME_BYTES);
      into = context.alloc().ioBuffer(length, length);
    }
    int length = Math.min(read.readableBytes(), into.writableBytes());
    into.writeBytes(read, length);
    walk.payload(length);
    packing = into;
    if (!into.isWritable()) {
      packing = null;
      context.fireChannelRead(into);
    }
  }

  /** The connection is gone. */
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (packing != null) {
      packing.release();
      packing = null;
    }
  }
}
