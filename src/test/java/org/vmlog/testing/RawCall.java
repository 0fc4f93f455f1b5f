package org.vmlog.testing;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A call of a guest that does as it likes: any number of messages, any method. Thread-safe. */
public final class RawCall {
  private final ClientCall<byte[], byte[]> call;
  private final CompletableFuture<Status> status = new CompletableFuture<>();

  private RawCall(ClientCall<byte[], byte[]> call, Metadata headers) {
    this.call = call;
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status closed, Metadata trailers) {
            status.complete(closed);
          }
        },
        headers);
    call.request(1);
  }

  /** Begins a call of one of the service's methods. */
  public static RawCall start(Guest guest, Guest.Method method, CallOptions options) {
    return new RawCall(guest.newCall(method.fullName(), options), new Metadata());
  }

  /** The same with headers beside those that every call has, each a name and a value. */
  public static RawCall start(Guest guest, Guest.Method method, Map<String, String> headers) {
    Metadata metadata = new Metadata();
    headers.forEach(
        (name, value) ->
            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    return new RawCall(guest.newCall(method.fullName(), CallOptions.DEFAULT), metadata);
  }

  /** Begins a call of any method. */
  public static RawCall start(Guest guest, String method, CallOptions options) {
    return new RawCall(guest.newCall(method, options), new Metadata());
  }

  public RawCall send(byte[] message) {
    call.sendMessage(message);
    return this;
  }

  public void halfClose() {
    call.halfClose();
  }

  /** Waits for the end of the call. */
  public Status status() {
    return Await.value(status);
  }
}
