package org.vmlog.ship.otlp;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code LogsService.Export}, with messages as the bytes they are. Its listener is
 * called once, on a thread of gRPC's. Confined to the call.
 */
final class ExportCall extends ClientCall.Listener<byte[]> {
  private static final long PATIENCE_SECONDS = 30;

  private static final MethodDescriptor<byte[], byte[]> EXPORT =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("opentelemetry.proto.collector.logs.v1.LogsService/Export")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  /** Told how it ended. */
  interface Listener {
    void taken(ExportAnswer answer);

    void failed(OtlpFault fault);
  }

  private final Listener listener;
  private byte @Nullable [] response;

  private ExportCall(Listener listener) {
    this.listener = listener;
  }

  /**
   * Sends a request.
   *
   * @param compression a name that gRPC knows, or {@code identity}
   */
  static void start(
      Channel channel, Metadata headers, String compression, byte[] request, Listener listener) {
    CallOptions options =
        CallOptions.DEFAULT
            .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .withCompression(compression);
    ClientCall<byte[], byte[]> call = channel.newCall(EXPORT, options);
    Metadata own = new Metadata();
    own.merge(headers); // the call adds some
    call.start(new ExportCall(listener), own);
    call.request(2); // a second message is an error that gRPC is to see
    call.sendMessage(request);
    call.halfClose();
  }

  @Override
  public void onMessage(byte[] message) {
    response = message;
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    byte[] message = response;
    if (!status.isOk() || message == null) {
      listener.failed(OtlpFault.of(status, trailers));
      return;
    }
    ExportAnswer answer;
    try {
      answer = ExportAnswer.parse(message);
    } catch (IOException e) {
      // It was taken, and that is what the status says.
      answer = new ExportAnswer(0, "");
    }
    listener.taken(answer);
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
