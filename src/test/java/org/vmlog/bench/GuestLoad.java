package org.vmlog.bench;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Guests that send the same request again and again, each on a connection of its own with one
 * request in flight, as the reference guest does. All run on one event loop, to take as little as
 * can be from the cores that the forwarder is measured on. Confined to one thread.
 */
final class GuestLoad implements Load {
  private static final byte[] NOTHING = {};
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] message) {
          return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
          return NOTHING; // an EmptyMessage
        }
      };
  private static final MethodDescriptor<byte[], byte[]> COLLECT =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("vm_tools.LogCollector/CollectUserLogs")
          .setRequestMarshaller(BYTES)
          .setResponseMarshaller(BYTES)
          .build();

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final List<ManagedChannel> guests;
  private final byte[] request;

  GuestLoad(List<Path> sockets, int recordsPerRequest) {
    guests = sockets.stream().map(this::connect).toList();
    request = Requests.ofRecords(recordsPerRequest);
  }

  private ManagedChannel connect(Path socket) {
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString()))
        .eventLoopGroup(loop)
        .channelType(EpollDomainSocketChannel.class)
        .usePlaintext()
        .overrideAuthority("vmlog")
        .directExecutor()
        .build();
  }

  @Override
  public Stretch run(int requests) throws Exception {
    Turns turns = new Turns(requests);
    long start = System.nanoTime();
    guests.forEach(guest -> send(guest, turns));
    turns.done.get(10, TimeUnit.MINUTES);
    long nanos = System.nanoTime() - start;
    Arrays.sort(turns.nanos);
    return new Stretch(nanos, turns.percentile(50), turns.percentile(99));
  }

  /** One stretch's requests, shared out to whichever guest is ready for its next. */
  private static final class Turns {
    final long[] nanos;
    final AtomicInteger taken = new AtomicInteger();
    final AtomicInteger finished = new AtomicInteger();
    final CompletableFuture<Void> done = new CompletableFuture<>();

    Turns(int requests) {
      nanos = new long[requests];
    }

    long percentile(int percent) {
      return nanos[(int) ((nanos.length - 1L) * percent / 100)];
    }
  }

  private void send(ManagedChannel guest, Turns turns) {
    int turn = turns.taken.getAndIncrement();
    if (turn >= turns.nanos.length) {
      return;
    }
    long start = System.nanoTime();
    ClientCall<byte[], byte[]> call = guest.newCall(COLLECT, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            if (!status.isOk()) {
              turns.done.completeExceptionally(status.asRuntimeException());
              return;
            }
            turns.nanos[turn] = System.nanoTime() - start;
            if (turns.finished.incrementAndGet() == turns.nanos.length) {
              turns.done.complete(null);
            } else {
              send(guest, turns);
            }
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
  }
}
