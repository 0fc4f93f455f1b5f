package org.vmlog.bench;

import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The guests' connections, one each. All run on one event loop, to take as little as can be from
 * the cores that the forwarder is measured on. Thread-safe.
 */
final class Guests {
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

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final List<ManagedChannel> channels;

  Guests(List<Endpoint> endpoints) {
    channels = endpoints.stream().map(this::connect).toList();
  }

  private ManagedChannel connect(Endpoint endpoint) {
    return builder(endpoint)
        .eventLoopGroup(loop)
        .usePlaintext()
        .overrideAuthority("vmlog")
        .directExecutor()
        .build();
  }

  private static NettyChannelBuilder builder(Endpoint endpoint) {
    if (endpoint instanceof Endpoint.Tcp tcp) {
      return NettyChannelBuilder.forAddress(tcp.address())
          .channelType(EpollSocketChannel.class)
          .localSocketPicker(
              new NettyChannelBuilder.LocalSocketPicker() {
                @Override
                public SocketAddress createSocketAddress(
                    SocketAddress remote, io.grpc.Attributes attributes) {
                  return tcp.fromAddress();
                }
              });
    }
    String path = ((Endpoint.Unix) endpoint).path().toString();
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(path))
        .channelType(EpollDomainSocketChannel.class);
  }

  static MethodDescriptor<byte[], byte[]> method(MethodDescriptor.MethodType type, String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(name)
        .setRequestMarshaller(BYTES)
        .setResponseMarshaller(BYTES)
        .build();
  }

  List<ManagedChannel> channels() {
    return channels;
  }

  /** What they all run on. */
  ScheduledExecutorService loop() {
    return loop;
  }
}
