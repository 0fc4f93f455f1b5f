package org.vmlog.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.record.PushMessages;
import org.vmlog.testing.Await;
import org.vmlog.testing.Guest;
import org.vmlog.testing.RawCall;
import org.vmlog.testing.StreamGuest;

class LogServerPushTest {
  @TempDir private Path folder;
  private ServerFixture fixture;
  private Guest guest;
  private final Behind behind = new Behind();
  private final CompletableFuture<Transport> transport = new CompletableFuture<>();

  /** Remembers what came. Written on the event loop, read by the test. */
  private static final class Behind implements PushReceiver {
    final CompletableFuture<PushReply> reply = new CompletableFuture<>();
    final List<String> events = new CopyOnWriteArrayList<>();

    @Override
    public void message(byte[] message) {
      events.add("message " + new String(message, UTF_8));
    }

    @Override
    public void halfClosed() {
      events.add("half-closed");
    }

    @Override
    public void goingAway() {
      events.add("going away");
    }

    @Override
    public void ended() {
      events.add("ended");
    }
  }

  @BeforeEach
  void start() throws IOException {
    fixture = new ServerFixture();
    fixture.service.onConnected(transport::complete);
    fixture.service.pushes(
        reply -> {
          behind.reply.complete(reply);
          return behind;
        });
    fixture.open(folder.resolve("s"), 7);
    guest = Guest.on(folder.resolve("s"));
  }

  @AfterEach
  void end() {
    guest.close();
    fixture.close();
  }

  @Test
  void messages_comeOneByOneAsTheyAreAskedFor() {
    StreamGuest push = StreamGuest.silent(guest).send(bytes("a")).send(bytes("b"));
    push.halfClose();
    onLoop(PushReply::next);
    awaitEvents("message a");
    onLoop(reply -> {});
    assertThat(behind.events).containsExactly("message a");
    onLoop(PushReply::next);
    awaitEvents("message a", "message b", "half-closed");
    onLoop(PushReply::ok);
    assertThat(push.status().isOk()).isTrue();
    awaitEvents("message a", "message b", "half-closed", "ended");
  }

  @Test
  void send_arrivesInOrder() {
    StreamGuest push = StreamGuest.silent(guest);
    onLoop(reply -> reply.send(PushMessages.response(1)));
    onLoop(reply -> reply.send(PushMessages.response(5)));
    push.awaitAck(5);
    assertThat(push.answers()).containsExactly(1L, 5L);
    push.close();
    awaitEvents("ended");
    onLoop(reply -> reply.send(PushMessages.response(6)));
    onLoop(PushReply::ok);
  }

  /** What it does not take is not kept for it, but for the last. */
  @Test
  void send_peerTakesNothing_keepsTheLastOnly() {
    StreamGuest push = StreamGuest.deaf(guest, "s");
    onLoop(
        reply -> {
          for (int i = 1; i <= 100_000; i++) {
            reply.send(PushMessages.response(i));
          }
        });
    push.read();
    push.awaitAck(100_000);
    assertThat(push.answers()).hasSizeLessThan(50_000);
  }

  @Test
  void refuse_beforeTheEnd_carriesTheStatusAndTheReason() {
    StreamGuest push = StreamGuest.silent(guest).send(bytes("a"));
    onLoop(PushReply::next);
    awaitEvents("message a");
    onLoop(reply -> reply.refuse(Reply.Refusal.TAKEN_OVER, "another has it"));
    assertThat(push.status().getCode()).isEqualTo(Status.Code.ABORTED);
    assertThat(push.status().getDescription()).isEqualTo("another has it");
    awaitEvents("message a", "ended");
    assertThat(fixture.service.refused()).containsExactly(Reply.Refusal.TAKEN_OVER);
  }

  @Test
  void close_ofTheTransport_endsThePushesFirst() {
    StreamGuest push = StreamGuest.silent(guest);
    onLoop(PushReply::next);
    Await.value(transport).close();
    awaitEvents("going away");
    assertThat(push.hasEnded()).isFalse();
    onLoop(reply -> reply.send(PushMessages.response(9)));
    onLoop(PushReply::goAway);
    assertThat(push.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(push.lastSeq()).isEqualTo(9);
    Await.until("the connection is closed", () -> fixture.service.closed().size() == 1);
    assertThat(fixture.service.refused()).isEmpty();
  }

  @Test
  void hangUp_ofThePeer_endsThePushAndRefusesNothing() {
    var unused = StreamGuest.silent(guest).send(bytes("a"));
    onLoop(PushReply::next);
    awaitEvents("message a");
    guest.close();
    awaitEvents("message a", "ended");
    Await.until("the connection is closed", () -> fixture.service.closed().size() == 1);
    assertThat(fixture.service.refused()).isEmpty();
  }

  @Test
  void shutdown_endsThePushesFirst() throws InterruptedException {
    StreamGuest push = StreamGuest.silent(guest);
    onLoop(PushReply::next);
    Thread shutdown = new Thread(() -> fixture.server.shutdown(Duration.ofSeconds(30)));
    shutdown.start();
    awaitEvents("going away");
    onLoop(PushReply::goAway);
    assertThat(push.status().getDescription()).isEqualTo("this connection is about to be closed");
    shutdown.join();
  }

  @Test
  void message_overTheLargest_isRefusedAndTheConnectionServesOn() {
    StreamGuest push = StreamGuest.silent(guest);
    onLoop(PushReply::next);
    push.send(new byte[ServerFixture.MAX_REQUEST_BYTES + 1]);
    assertThat(push.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    awaitEvents("ended");
    Await.until(
        "it is counted once",
        () -> fixture.service.refused().equals(List.of(Reply.Refusal.TOO_LARGE)),
        () -> fixture.service.refused().toString());
    guest.send(Guest.Method.USER, bytes("a request"));
    assertThat(fixture.service.connected()).hasSize(1);
  }

  @Test
  void message_compressed_isUnpacked() {
    RawCall call =
        RawCall.start(guest, StreamGuest.METHOD, CallOptions.DEFAULT.withCompression("gzip"));
    onLoop(PushReply::next);
    call.send(bytes("compressed as it should be"));
    awaitEvents("message compressed as it should be");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private void awaitEvents(String... expected) {
    Await.until(
        "what came is " + List.of(expected),
        () -> behind.events.equals(List.of(expected)),
        behind.events::toString);
  }

  /** Does something with the reply on its event loop, and waits until it is done. */
  private void onLoop(java.util.function.Consumer<PushReply> what) {
    PushReply reply = Await.value(behind.reply);
    CompletableFuture<Void> done = new CompletableFuture<>();
    Await.value(transport)
        .execute(
            () -> {
              what.accept(reply);
              done.complete(null);
            });
    Await.value(done);
  }
}
