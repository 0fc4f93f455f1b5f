package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.OutOfMemory;
import org.vmlog.wire.Reply.Refusal;

/**
 * A guest's connection: gRPC's server on netty's HTTP/2, for the few methods that there are (gRPC's
 * doc/PROTOCOL-HTTP2). It has the connection's calls, says how they end, and goes away in two
 * steps: a first GOAWAY asks for no new calls, and the second, when the peer has answered a PING
 * after it, names the last that is served.
 *
 * <p>Confined to the connection's event loop, but for what {@link Transport} has, {@link #onLoop}
 * and {@link #ended}.
 */
final class GuestConnection extends Http2ConnectionHandler implements Transport {
  /** HTTP/2's own, RFC 9113 section 6.9.2: what each stream may send that is not taken. */
  static final int WINDOW_BYTES = 65_535;

  private static final Logger LOG = LoggerFactory.getLogger(GuestConnection.class);
  private static final LimitedLog REFUSED = LimitedLog.on(LOG);
  private static final LimitedLog UNREAD = LimitedLog.on(LOG);
  private static final LimitedLog FAILED = LimitedLog.on(LOG);

  private static final Duration GOAWAY_PATIENCE = Duration.ofSeconds(1);
  private static final long GOAWAY_PING = 0x766d_6c6f_67L;

  private static final AsciiString OK = AsciiString.cached("200");
  private static final AsciiString STATUS = AsciiString.cached("grpc-status");
  private static final AsciiString MESSAGE = AsciiString.cached("grpc-message");

  private static final Http2Headers HEADERS =
      ReadOnlyHttp2Headers.serverHeaders(false, OK, CallHead.CONTENT_TYPE, CallHead.GRPC);

  private static final Http2Headers OK_TRAILERS =
      ReadOnlyHttp2Headers.trailers(false, STATUS, GrpcStatus.OK.code);

  /** A message without a byte, as it is sent. */
  private static final ByteBuf EMPTY_MESSAGE =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer(5, 5).writeZero(5)).asReadOnly();

  private final GrpcProtocol protocol;
  private final SourceIdentity source;
  private final RequestMemory.Account account;
  private final ConnectionTimers timers;
  private final InboundWatch watch;
  private final EventLoop loop;
  private final Http2Connection.PropertyKey callKey;
  private final Set<PushCall> pushes = new LinkedHashSet<>(2);
  private final KeepAliveLimit pings = new KeepAliveLimit();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private @Nullable ChannelHandlerContext context;
  private @Nullable LogConnection service;
  private boolean reading;
  private boolean flushIsDue;
  private boolean goingAway;
  private boolean pushesEnd;
  private boolean gone;

  GuestConnection(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      GrpcProtocol protocol,
      PeerChannel channel,
      EventLoop loop,
      SourceIdentity source) {
    super(decoder, encoder, settings);
    this.protocol = protocol;
    this.source = source;
    this.loop = loop;
    this.account = protocol.memory().open(source);
    this.timers = new ConnectionTimers(channel);
    this.watch = new InboundWatch(channel, timers, source);
    this.callKey = connection().newKey();
    decoder.frameListener(new GuestFrames(this));
    connection()
        .addListener(
            new Http2ConnectionAdapter() {
              @Override
              public void onStreamClosed(Http2Stream stream) {
                streamClosed(stream);
              }
            });
  }

  RequestMemory.Account account() {
    return account;
  }

  RequestMemory.Charge newCharge() {
    return new RequestMemory.Charge(account);
  }

  /** Completes when the connection is gone and nothing of it is left. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  // Its life.

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    super.channelActive(ctx);
    watch.connected();
  }

  /** The peer's first SETTINGS: it speaks HTTP/2. */
  void connected() {
    if (service == null) {
      service = protocol.service().connected(source, this);
      watch.greeted();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    reading = true;
    super.channelRead(ctx, message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    reading = false;
    super.channelReadComplete(ctx); // flushes
  }

  /** What is sent and not read is no more than a channel's high-water mark. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
    if (!ctx.channel().isWritable()) {
      ctx.flush();
    }
    if (!ctx.channel().isWritable()) {
      UNREAD.warn("closed a connection of {}: it does not read what it is sent", source);
      PeerChannel.closeNow(ctx.channel());
      return;
    }
    super.channelWritabilityChanged(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    OutOfMemory.exitIf(cause); // or netty would go on without what this connection needed
    if (!(cause instanceof IOException || cause instanceof Http2Exception)) {
      FAILED.warn("a connection of {} has failed", source, cause);
    }
    onError(ctx, false, cause);
  }

  /** Also what says GOAWAY; calls that have begun may end before the connection does. */
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) throws Exception {
    endPushes();
    super.close(ctx, promise);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx); // closes its streams
    gone = true;
    timers.end();
    account.close();
    protocol.gone(this);
    if (service != null) {
      service.closed();
    }
    ended.complete(null);
  }

  @Override
  public void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // The loops end with the server, and with them every connection the task could be for.
    }
  }

  @Override
  public void close() {
    execute(this::goAway);
  }

  /** Closes it at once. */
  void abort() {
    execute(
        () -> {
          if (context != null) {
            PeerChannel.closeNow(context.channel());
          }
        });
  }

  private void goAway() {
    ChannelHandlerContext ctx = context;
    if (ctx == null || gone || goingAway) {
      return;
    }
    goingAway = true;
    var unused =
        goAway(
            ctx,
            Integer.MAX_VALUE,
            Http2Error.NO_ERROR.code(),
            Unpooled.EMPTY_BUFFER,
            ctx.newPromise());
    unused = encoder().writePing(ctx, false, GOAWAY_PING, ctx.newPromise());
    endPushes();
    ctx.flush();
    var unusedToo = timers.after(GOAWAY_PATIENCE, this::goAwayNow);
  }

  private void endPushes() {
    if (!pushesEnd) {
      pushesEnd = true;
      List.copyOf(pushes).forEach(PushCall::goingAway);
    }
  }

  private void goAwayNow() {
    ChannelHandlerContext ctx = context;
    if (ctx != null && !gone) {
      goAway(ctx, Http2Error.NO_ERROR, "");
      var unused = ctx.channel().close();
    }
  }

  private void goAway(ChannelHandlerContext ctx, Http2Error error, String reason) {
    int last = connection().remote().lastStreamCreated();
    ByteBuf debug = ByteBufUtil.writeAscii(ctx.alloc(), reason);
    var unused = goAway(ctx, last, error.code(), debug, ctx.newPromise());
  }

  void pingAnswered(long data) {
    if (data == GOAWAY_PING && goingAway) {
      goAwayNow();
    }
  }

  void pinged(ChannelHandlerContext ctx) {
    if (!pings.allows(System.nanoTime())) {
      goAway(ctx, Http2Error.ENHANCE_YOUR_CALM, "too_many_pings");
      watch.abort();
    }
  }

  // Its calls.

  @Nullable Call call(int stream) {
    Http2Stream found = connection().stream(stream);
    return found == null ? null : found.getProperty(callKey);
  }

  void begin(int streamId, CallHead head, CallHead.Method method) {
    Http2Stream stream = Objects.requireNonNull(connection().stream(streamId));
    if (method == CallHead.Method.PUSH) {
      PushCall push = new PushCall(this, stream, head);
      stream.setProperty(callKey, push);
      pushes.add(push);
      push.begin();
      if (pushesEnd) {
        push.goingAway(); // the peer had begun it before it heard
      }
      return;
    }
    Call call =
        new CollectCall(
            this,
            stream,
            head,
            method == CallHead.Method.COLLECT_KERNEL
                ? org.vmlog.record.Channel.KERNEL
                : org.vmlog.record.Channel.USER);
    stream.setProperty(callKey, call);
    watch.began(call);
  }

  private void streamClosed(Http2Stream stream) {
    Call call = stream.getProperty(callKey);
    if (call != null) {
      watch.ended(call);
      if (call instanceof PushCall push) {
        pushes.remove(push);
      }
      call.closed();
    }
  }

  LogConnection service() {
    return Objects.requireNonNull(service);
  }

  InboundWatch watch() {
    return watch;
  }

  int maxRequestBytes() {
    return protocol.maxRequestBytes();
  }

  void refused(Refusal refusal, String reason) {
    if (refusal == Refusal.TOO_LARGE) {
      REFUSED.warn("refused a request of {}: {}", source, reason);
    }
    service().refused(refusal);
  }

  /** A unary call's answer, from any thread. */
  void onLoop(CollectCall call, @Nullable Refusal refusal, String reason) {
    if (loop.inEventLoop()) {
      call.answer(refusal, reason);
    } else {
      execute(() -> call.answer(refusal, reason));
    }
  }

  /** Lets the peer send as much more on a stream. */
  void consumed(Http2Stream stream, int bytes) {
    try {
      if (bytes > 0 && decoder().flowController().consumeBytes(stream, bytes)) {
        flushSoon();
      }
    } catch (Http2Exception e) {
      throw new IllegalStateException("more is consumed than was received", e);
    }
  }

  void sendHeaders(Http2Stream stream) {
    send(stream, HEADERS, false);
  }

  void sendEmptyMessage(Http2Stream stream) {
    if (isOpen(stream)) {
      sendHeaders(stream);
      ChannelHandlerContext ctx = context();
      var unused =
          encoder()
              .writeData(ctx, stream.id(), EMPTY_MESSAGE.duplicate(), 0, false, ctx.newPromise());
    }
  }

  /** Sends a message; the task is run when the peer has taken it. */
  void sendMessage(Http2Stream stream, byte[] message, Runnable taken) {
    if (!isOpen(stream)) {
      return;
    }
    ChannelHandlerContext ctx = context();
    ByteBuf data = ctx.alloc().ioBuffer(5 + message.length);
    data.writeByte(0).writeInt(message.length).writeBytes(message);
    var unused =
        encoder()
            .writeData(ctx, stream.id(), data, 0, false, ctx.newPromise())
            .addListener(
                done -> {
                  if (done.isSuccess()) {
                    taken.run();
                  }
                });
    flushSoon();
  }

  /** Says how a call ends; what the peer still sends of it is not wanted. */
  void sendEnd(Http2Stream stream, GrpcStatus status, String reason) {
    if (!isOpen(stream)) {
      return;
    }
    Http2Headers end = OK_TRAILERS;
    if (!stream.isHeadersSent()) {
      end = trailersOnly(OK, status, reason);
    } else if (status != GrpcStatus.OK) {
      end =
          ReadOnlyHttp2Headers.trailers(
              false, STATUS, status.code, MESSAGE, GrpcStatus.message(reason));
    }
    send(stream, end, true);
  }

  private static Http2Headers trailersOnly(AsciiString http, GrpcStatus status, String reason) {
    return ReadOnlyHttp2Headers.serverHeaders(
        false,
        http,
        CallHead.CONTENT_TYPE,
        CallHead.GRPC,
        STATUS,
        status.code,
        MESSAGE,
        GrpcStatus.message(reason));
  }

  /** Ends what is no call here. */
  void sendUnfit(int streamId, int httpStatus, GrpcStatus status, String reason) {
    Http2Stream stream = connection().stream(streamId);
    if (stream != null && isOpen(stream)) {
      AsciiString http = AsciiString.of(Integer.toString(httpStatus));
      send(stream, trailersOnly(http, status, reason), true);
    }
  }

  private void send(Http2Stream stream, Http2Headers headers, boolean end) {
    ChannelHandlerContext ctx = context();
    pings.sent();
    ChannelFuture sent =
        encoder().writeHeaders(ctx, stream.id(), headers, 0, end, ctx.newPromise());
    if (end) {
      // Not before: a reset overtakes what flow control holds back. RFC 9113 section 8.1.
      var unused = sent.addListener(done -> reset(stream, Http2Error.NO_ERROR));
    }
    flushSoon();
  }

  /** Ends a stream that has not ended yet. */
  void reset(Http2Stream stream, Http2Error error) {
    if (!gone && stream.state() != Http2Stream.State.CLOSED) {
      ChannelHandlerContext ctx = context();
      var unused = encoder().writeRstStream(ctx, stream.id(), error.code(), ctx.newPromise());
      flushSoon();
    }
  }

  private boolean isOpen(Http2Stream stream) {
    return !gone && context != null && stream.state().localSideOpen();
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }

  /** Once for all that a read or a write's answers bring. */
  private void flushSoon() {
    if (!reading && !flushIsDue) {
      flushIsDue = true;
      execute(
          () -> {
            flushIsDue = false;
            if (context != null) {
              flush(context); // also what flow control held back
            }
          });
    }
  }

  @Override
  public String toString() {
    return source.toString();
  }
}
