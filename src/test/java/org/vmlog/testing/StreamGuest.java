package org.vmlog.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.vmlog.proto.stream.GuestChannel;
import org.vmlog.proto.stream.PushRequest;
import org.vmlog.proto.stream.PushResponse;
import org.vmlog.proto.vmtools.LogRequest;

/**
 * One Push of a guest that knows {@code vmlog.v1.LogStream}, with messages made by the generated
 * classes or from any bytes. Thread-safe.
 */
public final class StreamGuest implements AutoCloseable {
  public static final String METHOD = "vmlog.v1.LogStream/Push";

  /** When the records of {@link #send(long, int)} were said. */
  public static final long EPOCH = 1_700_000_000;

  private final ClientCall<byte[], byte[]> call;
  private final CompletableFuture<Status> status = new CompletableFuture<>();
  private final List<Long> answers = new ArrayList<>(); // guarded by this

  private StreamGuest(Guest guest, boolean reads) {
    call = guest.newCall(METHOD, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            answered(message);
            call.request(1);
          }

          @Override
          public void onClose(Status closed, Metadata trailers) {
            status.complete(closed);
          }
        },
        new Metadata());
    if (reads) {
      call.request(1);
    }
  }

  /** Begins a Push and sends nothing. */
  public static StreamGuest silent(Guest guest) {
    return new StreamGuest(guest, true);
  }

  /** Begins a Push of a stream. */
  public static StreamGuest push(Guest guest, String stream) {
    return silent(guest).send(hello(stream));
  }

  /** The same, by a guest that takes no answer until it is told to {@link #read}. */
  public static StreamGuest deaf(Guest guest, String stream) {
    return new StreamGuest(guest, false).send(hello(stream));
  }

  /** The message that names a stream. */
  public static PushRequest hello(String stream) {
    return PushRequest.newBuilder().setStreamId(ByteString.copyFromUtf8(stream)).build();
  }

  private synchronized void answered(byte[] message) {
    try {
      answers.add(PushResponse.parseFrom(message).getLastSeq());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Takes answers from now on. */
  public void read() {
    call.request(1);
  }

  public StreamGuest send(byte[] message) {
    call.sendMessage(message);
    return this;
  }

  public StreamGuest send(PushRequest message) {
    return send(message.toByteArray());
  }

  /** Sends a batch of records, as the guest's user space has them. */
  public StreamGuest send(long firstSeq, LogRequest batch) {
    return send(
        PushRequest.newBuilder()
            .setFirstSeq(firstSeq)
            .setChannel(GuestChannel.USER)
            .setBatch(batch)
            .build());
  }

  /** Sends a batch of so many records, each of which says its number. */
  public StreamGuest send(long firstSeq, int records) {
    return send(firstSeq, numbered(firstSeq, records));
  }

  /** Records that say {@code record NUMBER}. */
  public static LogRequest numbered(long firstSeq, int records) {
    LogRequest.Builder batch = LogRequest.newBuilder();
    for (long seq = firstSeq; seq < firstSeq + records; seq++) {
      batch.addRecords(Guest.record(EPOCH, "record " + seq));
    }
    return batch.build();
  }

  /** Whether gRPC would send a further message now, and not only keep it. */
  public boolean isReady() {
    return call.isReady();
  }

  public void halfClose() {
    call.halfClose();
  }

  /** Waits for the first answer: where the guest goes on. */
  public long watermark() {
    Await.until(
        "there is a watermark", () -> !answers().isEmpty() || status.isDone(), this::toString);
    if (answers().isEmpty()) {
      throw new AssertionError("the Push ended with " + Await.value(status));
    }
    return answers().get(0);
  }

  /** Waits until every record up to this one is acknowledged. */
  public StreamGuest awaitAck(long seq) {
    Await.until(seq + " is acknowledged", () -> lastSeq() >= seq, this::toString);
    return this;
  }

  /** Every answer so far. */
  public synchronized List<Long> answers() {
    return List.copyOf(answers);
  }

  /** What the last answer says; 0 before the first. */
  public synchronized long lastSeq() {
    return answers.isEmpty() ? 0 : answers.get(answers.size() - 1);
  }

  /** Waits for the end of the Push. */
  public Status status() {
    return Await.value(status);
  }

  public boolean hasEnded() {
    return status.isDone();
  }

  @Override
  public String toString() {
    return "answers " + answers() + ", status " + status.getNow(Status.UNKNOWN);
  }

  /** Cancels it, as a guest that is killed does. */
  @Override
  public void close() {
    call.cancel("the guest is gone", null);
  }
}
