package org.vmlog.bench;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Guests that know {@code vmlog.v1.LogStream}: each sends the same batch again and again on one
 * Push, with its records' next numbers, and has up to {@value #WINDOW} unacknowledged. All run on
 * one event loop, which guards everything here.
 */
final class StreamLoad implements Load {
  private static final int WINDOW = 32;
  private static final int PUSH_REQUEST_STREAM_ID = 1;
  private static final int PUSH_REQUEST_FIRST_SEQ = 2;
  private static final int PUSH_REQUEST_BATCH = 4;
  private static final MethodDescriptor<byte[], byte[]> PUSH =
      Guests.method(MethodDescriptor.MethodType.BIDI_STREAMING, "vmlog.v1.LogStream/Push");

  private final Guests guests;
  private final List<Push> pushes;
  private final byte[] batch;
  private final int records;

  private long[] nanos = {};
  private int taken;
  private int finished;
  private CompletableFuture<Void> done = new CompletableFuture<>();
  private Status failed = Status.OK;

  StreamLoad(List<Endpoint> endpoints, int recordsPerBatch) {
    records = recordsPerBatch;
    batch = Requests.ofRecords(recordsPerBatch);
    guests = new Guests(endpoints);
    pushes =
        guests.channels().stream()
            .map(channel -> new Push(channel.newCall(PUSH, CallOptions.DEFAULT)))
            .toList();
  }

  @Override
  public Stretch run(int batches, int perSecond) throws Exception {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    long start = System.nanoTime();
    guests
        .loop()
        .execute(
            () -> {
              nanos = new long[batches];
              taken = 0;
              finished = 0;
              done = ended;
              if (failed.isOk()) {
                pushes.forEach(Push::fill);
              } else {
                done.completeExceptionally(failed.asRuntimeException());
              }
            });
    ended.get(10, TimeUnit.MINUTES);
    return Stretch.of(System.nanoTime() - start, nanos);
  }

  /** One guest's stream. */
  private final class Push extends ClientCall.Listener<byte[]> {
    /** A batch that is not acknowledged. */
    private record Sent(long lastSeq, int turn, long atNanos) {}

    private final ClientCall<byte[], byte[]> call;
    private final ArrayDeque<Sent> window = new ArrayDeque<>(WINDOW);
    private long nextSeq = 1;

    Push(ClientCall<byte[], byte[]> call) {
      this.call = call;
      call.start(this, new Metadata());
      call.request(1);
      call.sendMessage(message(new byte[] {1}, 0));
    }

    void fill() {
      while (window.size() < WINDOW && taken < nanos.length) {
        int turn = taken++;
        window.addLast(new Sent(nextSeq + records - 1, turn, System.nanoTime()));
        call.sendMessage(message(new byte[0], nextSeq));
        nextSeq += records;
      }
    }

    private byte[] message(byte[] streamId, long firstSeq) {
      try {
        if (streamId.length > 0) {
          byte[] bytes =
              new byte[CodedOutputStream.computeByteArraySize(PUSH_REQUEST_STREAM_ID, streamId)];
          CodedOutputStream.newInstance(bytes).writeByteArray(PUSH_REQUEST_STREAM_ID, streamId);
          return bytes;
        }
        byte[] bytes =
            new byte
                [CodedOutputStream.computeUInt64Size(PUSH_REQUEST_FIRST_SEQ, firstSeq)
                    + CodedOutputStream.computeByteArraySize(PUSH_REQUEST_BATCH, batch)];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeUInt64(PUSH_REQUEST_FIRST_SEQ, firstSeq);
        out.writeByteArray(PUSH_REQUEST_BATCH, batch);
        return bytes;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void onMessage(byte[] response) {
      call.request(1);
      long lastSeq = lastSeq(response);
      long now = System.nanoTime();
      while (!window.isEmpty() && window.getFirst().lastSeq() <= lastSeq) {
        Sent sent = window.removeFirst();
        nanos[sent.turn()] = now - sent.atNanos();
        finished++;
      }
      if (finished == nanos.length) {
        done.complete(null);
      } else {
        fill();
      }
    }

    private static long lastSeq(byte[] response) {
      try {
        CodedInputStream in = CodedInputStream.newInstance(response);
        return in.readTag() == 0 ? 0 : in.readUInt64();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      failed = status;
      done.completeExceptionally(status.asRuntimeException());
    }
  }
}
