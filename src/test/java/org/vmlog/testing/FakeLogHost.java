package org.vmlog.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.Attributes;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.vmlog.proto.stream.GuestChannel;
import org.vmlog.proto.stream.PushRequest;
import org.vmlog.proto.stream.PushResponse;
import org.vmlog.proto.vmtools.EmptyMessage;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.record.Channel;

/**
 * A host as the protos describe one, with the generated classes and nothing of the forwarder's: it
 * takes records by LogCollector and, if it is to, by LogStream. It can be stopped and started
 * again, and remembers its streams. Thread-safe.
 */
public final class FakeLogHost implements AutoCloseable {
  private final Path socket;
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Map<ByteString, Long> watermarks = new HashMap<>();
  private final List<String> received = new ArrayList<>();
  private final List<StreamObserver<?>> unanswered = new ArrayList<>();
  private final List<Integer> requests = new ArrayList<>();
  private Server server;
  private int connections;
  private boolean streaming = true;
  private boolean answering = true;
  private Function<LogRequest, Status> judge = request -> Status.OK;

  private FakeLogHost(Path socket) {
    this.socket = socket;
  }

  /** A host that listens on a Unix socket, not started yet. */
  public static FakeLogHost on(Path socket) {
    return new FakeLogHost(socket);
  }

  /** Whether it knows LogStream; for the next start. */
  public synchronized FakeLogHost streaming(boolean knows) {
    streaming = knows;
    return this;
  }

  /** What it says to each request or batch; it takes those that are OK. */
  public synchronized void judging(Function<LogRequest, Status> judgement) {
    judge = judgement;
  }

  /** Whether it answers at all; what it did not, it answers when it does again. */
  public synchronized void answering(boolean does) {
    answering = does;
    if (does) {
      unanswered.forEach(FakeLogHost::answer);
      unanswered.clear();
    }
  }

  public synchronized FakeLogHost start() throws IOException {
    Files.deleteIfExists(socket);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .directExecutor()
            .withChildOption(ChannelOption.SO_KEEPALIVE, null) // TCP's; netty warns of it
            .addTransportFilter(
                new ServerTransportFilter() {
                  @Override
                  public Attributes transportReady(Attributes transport) {
                    synchronized (FakeLogHost.this) {
                      connections++;
                    }
                    return transport;
                  }
                })
            .addService(collector());
    server = (streaming ? builder.addService(stream()) : builder).build().start();
    return this;
  }

  /** Ends every connection at once, whatever is under way. */
  public void stop() throws InterruptedException {
    Server stopping;
    synchronized (this) {
      stopping = server;
    }
    if (stopping == null) {
      return;
    }
    stopping.shutdownNow();
    if (!stopping.awaitTermination(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the fake host does not end");
    }
    synchronized (this) {
      unanswered.clear();
    }
  }

  /** What it took, as {@code CHANNEL SEVERITY CONTENT}. */
  public synchronized List<String> received() {
    return List.copyOf(received);
  }

  /** How many records each request or batch had, also of those that it did not take. */
  public synchronized List<Integer> requests() {
    return List.copyOf(requests);
  }

  /** How many streams it knows. */
  public synchronized int streams() {
    return watermarks.size();
  }

  /** How many connections came in. */
  public synchronized int connections() {
    return connections;
  }

  private ServerServiceDefinition collector() {
    return ServerServiceDefinition.builder("vm_tools.LogCollector")
        .addMethod(
            method(
                MethodDescriptor.MethodType.UNARY,
                "vm_tools.LogCollector/CollectUserLogs",
                LogRequest.parser(),
                EmptyMessage.parser()),
            ServerCalls.asyncUnaryCall((request, to) -> collect(Channel.USER, request, to)))
        .addMethod(
            method(
                MethodDescriptor.MethodType.UNARY,
                "vm_tools.LogCollector/CollectKernelLogs",
                LogRequest.parser(),
                EmptyMessage.parser()),
            ServerCalls.asyncUnaryCall((request, to) -> collect(Channel.KERNEL, request, to)))
        .build();
  }

  private synchronized void collect(
      Channel channel, LogRequest request, StreamObserver<EmptyMessage> to) {
    requests.add(request.getRecordsCount());
    Status status = judge.apply(request);
    if (!status.isOk()) {
      to.onError(status.asRuntimeException());
      return;
    }
    request.getRecordsList().forEach(record -> received.add(text(channel, record)));
    if (answering) {
      answer(to);
    } else {
      unanswered.add(to);
    }
  }

  @SuppressWarnings("unchecked")
  private static void answer(StreamObserver<?> to) {
    ((StreamObserver<EmptyMessage>) to).onNext(EmptyMessage.getDefaultInstance());
    to.onCompleted();
  }

  private ServerServiceDefinition stream() {
    return ServerServiceDefinition.builder("vmlog.v1.LogStream")
        .addMethod(
            method(
                MethodDescriptor.MethodType.BIDI_STREAMING,
                "vmlog.v1.LogStream/Push",
                PushRequest.parser(),
                PushResponse.parser()),
            ServerCalls.asyncBidiStreamingCall(Push::new))
        .build();
  }

  /** One Push. */
  private final class Push implements StreamObserver<PushRequest> {
    private final StreamObserver<PushResponse> to;
    private ByteString stream = ByteString.EMPTY;
    private boolean ended;

    Push(StreamObserver<PushResponse> to) {
      this.to = to;
    }

    @Override
    public void onNext(PushRequest request) {
      synchronized (FakeLogHost.this) {
        if (ended) {
          return;
        }
        if (stream.isEmpty()) {
          if (request.getStreamId().isEmpty() || request.hasBatch()) {
            end(Status.INVALID_ARGUMENT.withDescription("the first message names the stream"));
            return;
          }
          stream = request.getStreamId();
          watermarks.putIfAbsent(stream, 0L);
          respond();
          return;
        }
        requests.add(request.getBatch().getRecordsCount());
        Status status = judge.apply(request.getBatch());
        if (!status.isOk()) {
          end(status);
          return;
        }
        take(request);
      }
    }

    private void take(PushRequest request) {
      Channel channel = request.getChannel() == GuestChannel.KERNEL ? Channel.KERNEL : Channel.USER;
      long number = request.getFirstSeq();
      for (LogRecord record : request.getBatch().getRecordsList()) {
        if (number > watermarks.get(stream)) {
          received.add(text(channel, record));
          watermarks.put(stream, number);
        }
        number++;
      }
      if (answering) {
        respond();
      }
    }

    private void respond() {
      to.onNext(PushResponse.newBuilder().setLastSeq(watermarks.get(stream)).build());
    }

    private void end(Status status) {
      ended = true;
      to.onError(status.asRuntimeException());
    }

    @Override
    public void onError(Throwable e) {
      // The guest is gone.
    }

    @Override
    public void onCompleted() {
      to.onCompleted();
    }
  }

  private static String text(Channel channel, LogRecord record) {
    return "%s %d %s"
        .formatted(channel, record.getSeverityValue() - 1, record.getContent().toStringUtf8());
  }

  private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> method(
      MethodDescriptor.MethodType type, String name, Parser<Q> request, Parser<A> answer) {
    return MethodDescriptor.<Q, A>newBuilder()
        .setType(type)
        .setFullMethodName(name)
        .setRequestMarshaller(marshaller(request))
        .setResponseMarshaller(marshaller(answer))
        .build();
  }

  private static <M extends Message> MethodDescriptor.Marshaller<M> marshaller(Parser<M> parser) {
    return new MethodDescriptor.Marshaller<>() {
      @Override
      public InputStream stream(M message) {
        return new ByteArrayInputStream(message.toByteArray());
      }

      @Override
      public M parse(InputStream stream) {
        try {
          return parser.parseFrom(stream);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  @Override
  public void close() throws InterruptedException {
    stop();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
