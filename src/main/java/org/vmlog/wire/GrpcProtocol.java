package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.UniformStreamByteDistributor;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.vmlog.identity.SourceIdentity;

/**
 * gRPC behind doors: makes a {@link GuestConnection} of each connection, with the same limits for
 * all, and has them end together. Thread-safe.
 */
final class GrpcProtocol extends Protocol {
  // What a well-behaved guest never reaches and a hostile one gains nothing beyond.
  static final int CALLS = 4;
  private static final int MAX_METADATA_BYTES = 4 << 10;
  private static final int MAX_RESETS = 50;
  private static final int MAX_OWN_RESETS = 200;
  private static final int RESET_WINDOW_SECONDS = 10;
  private static final int MAX_EMPTY_FRAMES = 2;
  private static final int MAX_CONTROL_FRAMES = 1000;
  private static final int MAX_SMALL_CONTINUATIONS = 16;

  private static final Duration UNLIMITED = Duration.ofDays(1);

  private final EventLoopGroup loops;
  private final LogService service;
  private final RequestMemory memory;
  private final int maxRequestBytes;
  private final Set<GuestConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean goingAway;

  GrpcProtocol(
      EventLoopGroup loops, LogService service, RequestMemory memory, int maxRequestBytes) {
    this.loops = loops;
    this.service = service;
    this.memory = memory;
    this.maxRequestBytes = maxRequestBytes;
  }

  /** Its peers wait for their answer and keep what they have said until it comes. */
  @Override
  Duration maxHold() {
    return UNLIMITED;
  }

  @Override
  void serve(PeerChannel channel, SourceIdentity source) {
    if (goingAway || !service.admit(source)) {
      channel.unsafe().closeForcibly();
      return;
    }
    channel.identify(source);
    EventLoop loop = loops.next();
    GuestConnection connection = new Builder(channel, loop, source).build();
    open.add(connection);
    channel
        .pipeline()
        .addLast(
            new LingeringClose(),
            new WholeFrames(connection.account(), source, service::foreign),
            connection);
    var unused = channel.closeFuture().addListener(closed -> service.left(source));
    var unusedToo =
        loop.register(channel)
            .addListener(
                done -> {
                  if (!done.isSuccess()) {
                    gone(connection); // the loops have ended
                  }
                });
  }

  void gone(GuestConnection connection) {
    open.remove(connection);
  }

  LogService service() {
    return service;
  }

  RequestMemory memory() {
    return memory;
  }

  int maxRequestBytes() {
    return maxRequestBytes;
  }

  /** Has all connections go away, and takes no more; completes when all are gone. */
  CompletableFuture<Void> goAway() {
    goingAway = true;
    open.forEach(GuestConnection::close);
    return CompletableFuture.allOf(
        open.stream().map(GuestConnection::ended).toArray(CompletableFuture<?>[]::new));
  }

  /** Closes all that are left. */
  void abort() {
    open.forEach(GuestConnection::abort);
  }

  private final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<GuestConnection, Builder> {
    private final PeerChannel channel;
    private final EventLoop loop;
    private final SourceIdentity source;

    Builder(PeerChannel channel, EventLoop loop, SourceIdentity source) {
      this.channel = channel;
      this.loop = loop;
      this.source = source;
      Http2Connection http2 = new DefaultHttp2Connection(true, 0);
      // A Push that is not read keeps its own window, and not that of the calls beside it.
      http2
          .local()
          .flowController(
              new DefaultHttp2LocalFlowController(
                  http2, DefaultHttp2LocalFlowController.DEFAULT_WINDOW_UPDATE_RATIO, true));
      http2
          .remote()
          .flowController(
              new DefaultHttp2RemoteFlowController(http2, new UniformStreamByteDistributor(http2)));
      http2.remote().maxActiveStreams(CALLS); // also of who never acknowledges our settings
      connection(http2);
      initialSettings(
          new Http2Settings().maxConcurrentStreams(CALLS).maxHeaderListSize(MAX_METADATA_BYTES));
      decoderEnforceMaxConsecutiveEmptyDataFrames(MAX_EMPTY_FRAMES);
      decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS);
      encoderEnforceMaxRstFramesPerWindow(MAX_OWN_RESETS, RESET_WINDOW_SECONDS);
      encoderEnforceMaxQueuedControlFrames(MAX_CONTROL_FRAMES);
      decoderEnforceMaxSmallContinuationFrames(MAX_SMALL_CONTINUATIONS);
    }

    @Override
    protected GuestConnection build() {
      return super.build();
    }

    @Override
    protected GuestConnection build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new GuestConnection(
          decoder, encoder, settings, GrpcProtocol.this, channel, loop, source);
    }
  }
}
