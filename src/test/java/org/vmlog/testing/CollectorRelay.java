package org.vmlog.testing;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A host that knows the two methods of vm_tools.LogCollector and no other, in front of one that may
 * know more: what it is sent it passes on, and answers as it is answered. Thread-safe.
 */
public final class CollectorRelay implements AutoCloseable {
  private final Path target;
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Server server;
  private Guest guest; // guarded by this

  private CollectorRelay(Path door, Path target) throws IOException {
    this.target = target;
    this.guest = Guest.on(target);
    this.server =
        NettyServerBuilder.forAddress(new DomainSocketAddress(door.toString()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .withChildOption(ChannelOption.SO_KEEPALIVE, null) // TCP's; netty warns of it
            .addService(collector())
            .build()
            .start();
  }

  /**
   * Starts one.
   *
   * @param door the socket it listens on
   * @param target the socket of the host that it stands in front of, which may be away at times
   */
  public static CollectorRelay start(Path door, Path target) throws IOException {
    return new CollectorRelay(door, target);
  }

  private ServerServiceDefinition collector() {
    ServerServiceDefinition.Builder service =
        ServerServiceDefinition.builder("vm_tools.LogCollector");
    for (Guest.Method method : Guest.Method.values()) {
      service.addMethod(
          method.grpc(), ServerCalls.asyncUnaryCall((request, to) -> passOn(method, request, to)));
    }
    return service.build();
  }

  private void passOn(Guest.Method method, byte[] request, StreamObserver<byte[]> to) {
    Guest asking;
    synchronized (this) {
      asking = guest;
    }
    try {
      asking.send(method, request);
      to.onNext(new byte[0]);
      to.onCompleted();
    } catch (StatusRuntimeException e) {
      renew(asking);
      to.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException());
    }
  }

  /** A channel that has failed waits ever longer before it tries again. */
  private synchronized void renew(Guest failed) {
    if (guest == failed) {
      guest = Guest.on(target);
      failed.close();
    }
  }

  @Override
  public synchronized void close() throws InterruptedException {
    server.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
    guest.close();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
