package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;
import org.vmlog.wire.CallHead.UnfitException;
import org.vmlog.wire.MessageReader.RefusedException;

/** The frames that a guest sends, as netty has checked them. Confined to the event loop. */
final class GuestFrames extends Http2FrameAdapter {
  private final GuestConnection connection;

  GuestFrames(GuestConnection connection) {
    this.connection = connection;
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
    connection.connected();
  }

  @Override
  public void onPingRead(ChannelHandlerContext ctx, long data) {
    connection.pinged(ctx);
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext ctx, long data) {
    connection.pingAnswered(data);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int stream,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end) {
    onHeadersRead(ctx, stream, headers, padding, end);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int stream, Http2Headers headers, int padding, boolean end) {
    if (connection.call(stream) == null) {
      begin(stream, headers);
    }
    // Trailers mean nothing, but that they are the end.
    if (end) {
      halfClosed(stream);
    }
  }

  private void begin(int stream, Http2Headers headers) {
    try {
      CallHead head = CallHead.of(headers);
      if (head.method() == null) {
        connection.sendUnfit(stream, 200, GrpcStatus.UNIMPLEMENTED, "there is no such method here");
      } else {
        connection.begin(stream, head, head.method());
      }
    } catch (UnfitException e) {
      connection.sendUnfit(stream, e.httpStatus(), e.status(), String.valueOf(e.getMessage()));
    }
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean end) {
    int bytes = data.readableBytes();
    Call call = connection.call(stream);
    if (call != null && !call.isAnswered()) {
      try {
        bytes = call.read(data);
      } catch (RefusedException e) {
        call.refuse(e.refusal(), e.reason());
      }
    }
    if (end) {
      halfClosed(stream);
    }
    return bytes + padding;
  }

  private void halfClosed(int stream) {
    Call call = connection.call(stream);
    if (call != null) {
      call.halfClosed();
    }
  }
}
