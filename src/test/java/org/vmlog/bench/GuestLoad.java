package org.vmlog.bench;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Guests that send the same request again and again, each on a connection of its own with one
 * request in flight, as the reference guest does. Confined to one thread.
 */
final class GuestLoad implements Load {
  private static final MethodDescriptor<byte[], byte[]> COLLECT =
      Guests.method(MethodDescriptor.MethodType.UNARY, "vm_tools.LogCollector/CollectUserLogs");

  private final List<ManagedChannel> guests;
  private final byte[] request;

  GuestLoad(List<Path> sockets, int recordsPerRequest) {
    guests = new Guests(sockets).channels();
    request = Requests.ofRecords(recordsPerRequest);
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
