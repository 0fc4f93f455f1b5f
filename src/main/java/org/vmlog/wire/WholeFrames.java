package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.LimitedLog;

/**
 * Hands HTTP/2's frames on only when they are whole (RFC 9113 section 4.1), so that a read's buffer
 * is free again as soon as it is read: it is direct memory, and a part of a frame would hold all of
 * it. What is there of a frame waits in an array of its size, which its source is charged for. What
 * is no HTTP/2 ends here. Confined to the connection's event loop.
 */
final class WholeFrames extends ChannelInboundHandlerAdapter {
  private static final LimitedLog FOREIGN =
      LimitedLog.on(LoggerFactory.getLogger(WholeFrames.class));

  private static final LimitedLog NO_MEMORY =
      LimitedLog.on(LoggerFactory.getLogger(WholeFrames.class));

  private static final int HEADER_BYTES = 9;

  /** SETTINGS_MAX_FRAME_SIZE, which we leave as it is; netty refuses what announces more. */
  private static final int MAX_PAYLOAD_BYTES = 16 << 10;

  private final RequestMemory.Account account;
  private final SourceIdentity source;
  private final Consumer<FirstBytes> foreign;
  private int prefaceLeft = FirstBytes.BYTES;
  private boolean ended;

  /** A frame of which something has come: its header, or all that it will take. */
  private byte @Nullable [] partial;

  private int partialBytes;

  WholeFrames(RequestMemory.Account account, SourceIdentity source, Consumer<FirstBytes> foreign) {
    this.account = account;
    this.source = source;
    this.foreign = foreign;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable() && !ended) {
        if (partial != null) {
          goOn(context, partial, in);
        } else {
          int whole = wholeBytes(context, in);
          if (whole > 0) {
            context.fireChannelRead(in.readRetainedSlice(whole));
          } else if (!ended) {
            begin(context, in);
          }
        }
      }
    } finally {
      in.release();
    }
  }

  /** How many bytes from here on are whole frames, the preface before them included. */
  private int wholeBytes(ChannelHandlerContext context, ByteBuf in) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    if (prefaceLeft > 0) {
      if (prefaceLeft == FirstBytes.BYTES && !isPreface(context, in)) {
        return 0;
      }
      int part = Math.min(prefaceLeft, end - at);
      prefaceLeft -= part; // what comes in pieces netty compares
      at += part;
    }
    while (end - at >= HEADER_BYTES) {
      int payload = in.getUnsignedMedium(at);
      if (payload > MAX_PAYLOAD_BYTES) {
        return in.readableBytes();
      }
      if (end - at - HEADER_BYTES < payload) {
        break;
      }
      at += HEADER_BYTES + payload;
    }
    return at - in.readerIndex();
  }

  private boolean isPreface(ChannelHandlerContext context, ByteBuf in) {
    FirstBytes first = FirstBytes.of(in);
    if (first == FirstBytes.HTTP2) {
      return true;
    }
    foreign.accept(first);
    FOREIGN.warn(
        "closed a connection of {}: it does not speak gRPC here; it looks like {}", source, first);
    end(context);
    return false;
  }

  private void end(ChannelHandlerContext context) {
    ended = true;
    var unused = context.close();
  }

  /** There is less than a frame. */
  private void begin(ChannelHandlerContext context, ByteBuf in) {
    boolean header = in.readableBytes() >= HEADER_BYTES;
    int length = HEADER_BYTES + (header ? in.getUnsignedMedium(in.readerIndex()) : 0);
    if (take(context, length)) {
      partial = new byte[length];
      partialBytes = in.readableBytes();
      in.readBytes(partial, 0, partialBytes);
    }
  }

  private boolean take(ChannelHandlerContext context, int bytes) {
    if (account.take(bytes)) {
      return true;
    }
    NO_MEMORY.warn("closed a connection of {}: {}", source, account.refusal(bytes));
    end(context);
    return false;
  }

  private void goOn(ChannelHandlerContext context, byte[] frame, ByteBuf in) {
    int more = Math.min(in.readableBytes(), frame.length - partialBytes);
    in.readBytes(frame, partialBytes, more);
    partialBytes += more;
    if (partialBytes < frame.length) {
      return;
    }
    ByteBuf whole = Unpooled.wrappedBuffer(frame);
    int payload = whole.getUnsignedMedium(0);
    if (frame.length == HEADER_BYTES && payload > 0 && payload <= MAX_PAYLOAD_BYTES) {
      if (take(context, payload)) {
        partial = Arrays.copyOf(frame, HEADER_BYTES + payload);
      }
      return;
    }
    context.fireChannelRead(whole);
    letGo();
  }

  private void letGo() {
    if (partial != null) {
      account.give(partial.length);
      partial = null;
    }
  }

  /** The connection is gone. */
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    letGo();
  }
}
