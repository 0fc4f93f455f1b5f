package org.vmlog.testing;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.proto.vmtools.Timestamp;

/**
 * A guest: one gRPC channel to a forwarder, requests made with the generated classes or from any
 * bytes. Thread-safe.
 */
public final class Guest implements AutoCloseable {
  /** The methods of vm_tools.LogCollector. */
  public enum Method {
    KERNEL("CollectKernelLogs"),
    USER("CollectUserLogs");

    private final MethodDescriptor<byte[], byte[]> descriptor;

    Method(String name) {
      descriptor = descriptor("vm_tools.LogCollector/" + name, MethodDescriptor.MethodType.UNARY);
    }

    String fullName() {
      return descriptor.getFullMethodName();
    }

    MethodDescriptor<byte[], byte[]> grpc() {
      return descriptor;
    }
  }

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] message) {
          return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  /** Guests of one process share their event loop: a hundred of them need no hundred threads. */
  private static final EventLoopGroup LOOP =
      new MultiThreadIoEventLoopGroup(
          1,
          task -> {
            Thread thread = new Thread(task, "guests");
            thread.setDaemon(true);
            return thread;
          },
          EpollIoHandler.newFactory());

  private final ManagedChannel channel;

  private Guest(ManagedChannel channel) {
    this.channel = channel;
  }

  private static NettyChannelBuilder builder(SocketAddress address) {
    return NettyChannelBuilder.forAddress(address)
        .eventLoopGroup(LOOP)
        .channelType(
            address instanceof DomainSocketAddress
                ? EpollDomainSocketChannel.class
                : EpollSocketChannel.class)
        .usePlaintext()
        .overrideAuthority("vmlog")
        .withOption(ChannelOption.SO_KEEPALIVE, null) // TCP's; netty warns of it elsewhere
        .directExecutor();
  }

  /** A guest that connects to a Unix socket. */
  public static Guest on(Path socket) {
    return new Guest(builder(new DomainSocketAddress(socket.toString())).build());
  }

  /** A guest that connects by TCP. */
  public static Guest on(InetSocketAddress address) {
    return new Guest(builder(address).build());
  }

  /** A guest that never says on a second connection what it has begun to say on a first. */
  public static Guest withoutRetries(Path socket) {
    return new Guest(builder(new DomainSocketAddress(socket.toString())).disableRetry().build());
  }

  /** Sends a request and waits for OK; any other status is a StatusRuntimeException. */
  public void send(Method method, byte[] request) {
    byte[] unused =
        ClientCalls.blockingUnaryCall(
            channel,
            method.descriptor,
            CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
            request);
  }

  /** Sends a request and waits for OK. */
  public void send(Method method, LogRequest request) {
    send(method, request.toByteArray());
  }

  /** Sends a request; the future fails with the status if that is not OK. No deadline. */
  public Future<byte[]> sendAsync(Method method, byte[] request) {
    ClientCall<byte[], byte[]> call = channel.newCall(method.descriptor, CallOptions.DEFAULT);
    return ClientCalls.futureUnaryCall(call, request);
  }

  /** A call of any method, which may hold any number of messages. */
  ClientCall<byte[], byte[]> newCall(String fullMethodName, CallOptions options) {
    return channel.newCall(
        descriptor(fullMethodName, MethodDescriptor.MethodType.BIDI_STREAMING), options);
  }

  private static MethodDescriptor<byte[], byte[]> descriptor(
      String fullMethodName, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(fullMethodName)
        .setRequestMarshaller(BYTES)
        .setResponseMarshaller(BYTES)
        .build();
  }

  /** One record. */
  public static LogRecord record(LogSeverity severity, long seconds, byte[] content) {
    return LogRecord.newBuilder()
        .setSeverity(severity)
        .setTimestamp(Timestamp.newBuilder().setSeconds(seconds))
        .setContent(ByteString.copyFrom(content))
        .build();
  }

  /** One record of severity INFO. */
  public static LogRecord record(long seconds, String content) {
    return record(LogSeverity.INFO, seconds, content.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
