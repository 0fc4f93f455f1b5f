package org.vmlog.bench;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Guests that send the same request again and again, each on a connection of its own with one
 * request in flight, as the reference guest does. All run on one event loop, which guards
 * everything here.
 */
final class GuestLoad implements Load {
  private static final MethodDescriptor<byte[], byte[]> COLLECT =
      Guests.method(MethodDescriptor.MethodType.UNARY, "vm_tools.LogCollector/CollectUserLogs");

  private final Guests guests;
  private final byte[] request;

  GuestLoad(List<Endpoint> endpoints, int recordsPerRequest) {
    guests = new Guests(endpoints);
    request = Requests.ofRecords(recordsPerRequest);
  }

  @Override
  public Stretch run(int requests, int perSecond) throws Exception {
    Turns turns = new Turns(requests, perSecond);
    guests.loop().execute(() -> guests.channels().forEach(guest -> next(guest, turns)));
    turns.done.get(10, TimeUnit.MINUTES);
    return Stretch.of(System.nanoTime() - turns.start, turns.nanos);
  }

  /** One stretch's requests, shared out to whichever guest is ready for its next. */
  private static final class Turns {
    final long start = System.nanoTime();
    final double periodNanos;
    final long[] nanos;
    final CompletableFuture<Void> done = new CompletableFuture<>();
    int taken;
    int finished;

    Turns(int requests, int perSecond) {
      nanos = new long[requests];
      periodNanos = perSecond == 0 ? 0 : 1e9 / perSecond;
    }

    /** When a request is to be sent at the earliest. */
    long dueNanos(int turn) {
      return start + (long) (turn * periodNanos);
    }
  }

  private void next(ManagedChannel guest, Turns turns) {
    if (turns.taken >= turns.nanos.length) {
      return;
    }
    int turn = turns.taken++;
    long now = System.nanoTime();
    long due = turns.dueNanos(turn);
    if (turns.periodNanos == 0) {
      send(guest, turns, turn, now);
    } else if (due <= now) {
      send(guest, turns, turn, due); // every guest was waiting for an answer, and that counts
    } else {
      var unused =
          guests
              .loop()
              .schedule(
                  () -> send(guest, turns, turn, System.nanoTime()),
                  due - now,
                  TimeUnit.NANOSECONDS);
    }
  }

  private void send(ManagedChannel guest, Turns turns, int turn, long since) {
    ClientCall<byte[], byte[]> call = guest.newCall(COLLECT, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            if (!status.isOk()) {
              turns.done.completeExceptionally(status.asRuntimeException());
              return;
            }
            turns.nanos[turn] = System.nanoTime() - since;
            if (++turns.finished == turns.nanos.length) {
              turns.done.complete(null);
            } else {
              next(guest, turns);
            }
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
  }
}
