package org.vmlog.ship.otlp;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.ShipConfig;

/**
 * OTLP/gRPC: calls of {@code LogsService.Export}, with messages as the bytes they are. gRPC tries
 * all addresses of the receiver's name. Thread-safe.
 *
 * @param compression a name that gRPC knows
 */
record GrpcConnection(ManagedChannel channel, Metadata headers, String compression)
    implements OtlpConnection {

  private static final MethodDescriptor<byte[], byte[]> EXPORT =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("opentelemetry.proto.collector.logs.v1.LogsService/Export")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  static GrpcConnection open(ShipConfig.Otlp receiver, Map<String, String> headers)
      throws IOException {
    Metadata own = new Metadata();
    try {
      headers.forEach(
          (name, value) -> own.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    } catch (IllegalArgumentException e) {
      throw OtlpConnection.badHeader(receiver, e);
    }
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(
                receiver.host(), receiver.port(), credentials(receiver.tls()))
            .directExecutor() // nothing that an answer does blocks
            .disableRetry() // what is sent again is ours to say
            .maxInboundMessageSize(MAX_ANSWER_BYTES)
            .userAgent("vmlog-ship")
            .build();
    return new GrpcConnection(
        channel, own, receiver.compression().equals("none") ? "identity" : "gzip");
  }

  private static ChannelCredentials credentials(Optional<ShipConfig.Tls> tls) throws IOException {
    if (tls.isEmpty()) {
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
    if (tls.get().authorities().isPresent()) {
      builder.trustManager(tls.get().authorities().get().toFile());
    }
    if (tls.get().identity().isPresent()) {
      ShipConfig.Identity own = tls.get().identity().get();
      builder.keyManager(own.certificate().toFile(), own.key().toFile());
    }
    return builder.build();
  }

  @Override
  public void export(byte[] request, Listener listener) {
    CallOptions options =
        CallOptions.DEFAULT
            .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .withCompression(compression);
    ClientCall<byte[], byte[]> call = channel.newCall(EXPORT, options);
    Metadata own = new Metadata();
    own.merge(headers); // the call adds some
    call.start(new Answers(listener), own);
    call.request(2); // a second message is an error that gRPC is to see
    call.sendMessage(request);
    call.halfClose();
  }

  /** gRPC has what a receiver allows at a time wait by itself. */
  @Override
  public int limit() {
    return Integer.MAX_VALUE;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** Of one call, on threads of gRPC's, one at a time. */
  private static final class Answers extends ClientCall.Listener<byte[]> {
    private final Listener listener;
    private boolean begun;
    private byte @Nullable [] response;

    Answers(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void onHeaders(Metadata headers) {
      begun = true;
    }

    @Override
    public void onMessage(byte[] message) {
      response = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      byte[] message = response;
      if (status.isOk() && message != null) {
        listener.taken(ExportAnswer.of(message));
      } else if (begun && message == null && status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
        // Who refuses a request has no answer to begin: it is the answer that is too long for us.
        listener.failed(OtlpFault.answerTooLong());
      } else {
        listener.failed(OtlpFault.of(status, trailers));
      }
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw Status.INTERNAL.withCause(e).asRuntimeException();
      }
    }
  }
}
