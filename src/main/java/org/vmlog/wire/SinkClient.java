package org.vmlog.wire;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.StreamSocket;

/**
 * The client's side of a LogSink: calls of CollectUserLogs over one connected stream. When that has
 * ended, calls fail; it is not connected again. Thread-safe.
 */
public final class SinkClient implements AutoCloseable {
  static {
    GrpcLog.quiet();
  }

  private static final MethodDescriptor<byte[], byte[]> COLLECT = HostConnection.COLLECT_USER;

  private static final int CLOSE_SECONDS = 2;

  /** What gRPC takes for never. */
  private static final int NEVER_DAYS = 30;

  private final EventLoopGroup loop;
  private final ManagedChannel channel;

  private SinkClient(EventLoopGroup loop, ManagedChannel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  /**
   * Takes a sink over.
   *
   * @param connected the client's end, which is closed
   * @throws IOException if it is no Unix stream socket
   */
  public static SinkClient over(Descriptor connected, ThreadFactory threads) throws IOException {
    try (connected) {
      StreamSocket.makeNonBlocking(connected);
      AtomicInteger number = new AtomicInteger(connected.release());
      EventLoopGroup loop =
          new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory());
      ManagedChannel channel =
          NettyChannelBuilder.forAddress(SinkChannel.ADDRESS)
              .channelFactory(() -> SinkChannel.next(number))
              .eventLoopGroup(loop)
              .overrideAuthority("vmlog")
              .usePlaintext()
              .disableRetry()
              .idleTimeout(
                  NEVER_DAYS, TimeUnit.DAYS) // it would end a stream that is not made again
              .directExecutor()
              .build();
      return new SinkClient(loop, channel);
    }
  }

  /**
   * Sends a LogRequest.
   *
   * @return completes when all of it is written; fails when it is not known to be, with a reason
   *     for people, by a {@link RefusedException} if the same would be refused again
   */
  public CompletableFuture<Void> collect(byte[] request) {
    CompletableFuture<Void> written = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call = channel.newCall(COLLECT, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            if (status.isOk()) {
              written.complete(null);
            } else {
              written.completeExceptionally(failure(status));
            }
          }
        },
        new Metadata());
    call.sendMessage(request);
    call.halfClose();
    call.request(1);
    return written;
  }

  private static IOException failure(Status status) {
    Answer answer = Answer.of(status);
    return switch (answer.verdict()) {
      case REFUSED, UNKNOWN_METHOD -> new RefusedException(answer.reason());
      default -> new IOException(answer.reason(), status.getCause());
    };
  }

  /** The same request would be refused again. Immutable. */
  public static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String reason) {
      super(reason);
    }
  }

  /** Whether somebody has taken the connection and speaks on it. */
  public boolean isServed() {
    return channel.getState(false) == ConnectivityState.READY;
  }

  /** Ends the stream. Calls that have no answer yet fail. */
  @Override
  public void close() {
    channel.shutdownNow();
    try {
      boolean ended = channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
      var unused =
          loop.shutdownGracefully(0, ended ? CLOSE_SECONDS : 0, TimeUnit.SECONDS)
              .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
