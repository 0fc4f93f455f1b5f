package org.vmlog.wire;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * A guest's way to its host: one event loop, and one connection at a time, which the caller opens,
 * and opens anew after it broke.
 *
 * <p>Whoever uses it lives on the event loop: {@link #execute} brings him there, calls are made
 * there, and their answers come there. {@code execute} and {@link #close} are thread-safe.
 */
public final class HostClient implements AutoCloseable {
  static {
    GrpcLog.quiet();
  }

  private static final int CONNECT_MILLIS = 10_000;

  /**
   * How soon a host is found dead that does not close its connections. Servers of gRPC in C++ take
   * more than one ping in five minutes for an attack, unless they are told otherwise.
   */
  private static final int KEEPALIVE_SECONDS = 310;

  private static final int KEEPALIVE_PATIENCE_SECONDS = 20;
  private static final int SHUTDOWN_MILLIS = 500;

  private final HostAddress address;
  private final EventLoopGroup group;
  private final EventLoop loop;

  private HostClient(HostAddress address, EventLoopGroup group) {
    this.address = address;
    this.group = group;
    this.loop = group.next();
  }

  /** Starts the event loop; nothing is connected yet. */
  public static HostClient start(HostAddress address, ThreadFactory threads) {
    return new HostClient(
        address, new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory()));
  }

  public HostAddress address() {
    return address;
  }

  /**
   * A connection of its own, which is made with its first call. A host that cannot be reached is
   * that call's failure.
   */
  public HostConnection connect() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(HostChannel.socketAddress(address))
            .eventLoopGroup(group)
            .channelFactory(this::newChannel)
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .usePlaintext()
            .overrideAuthority("vmlog")
            .proxyDetector(target -> null)
            .disableRetry()
            .directExecutor() // nothing that an answer does blocks
            .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEPALIVE_PATIENCE_SECONDS, TimeUnit.SECONDS)
            .build();
    return new HostConnection(channel, this::execute);
  }

  private HostChannel newChannel() {
    try {
      return HostChannel.forAddress(address);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a task on the event loop; after {@link #close} not any more. */
  public void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // Closed, and nobody is left whom the task could serve.
    }
  }

  /** Runs a task on the event loop after a while. */
  public Future<?> schedule(Runnable task, Duration delay) {
    return loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Ends the event loop and with it whatever is connected. */
  @Override
  public void close() {
    var unused =
        group
            .shutdownGracefully(0, SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS)
            .awaitUninterruptibly(SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS);
  }
}
