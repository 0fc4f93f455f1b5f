package org.vmlog.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.Guest;
import org.vmlog.testing.Guest.Method;
import org.vmlog.testing.RawCall;
import org.vmlog.testing.RawHttp2;

class LogServerCallsTest {
  private static final byte[] REQUEST = "a request".getBytes(US_ASCII);

  /** One field, "x: y", a literal without indexing (RFC 7541 section 6.2.2). */
  private static final byte[] TRAILERS = {0, 1, 'x', 1, 'y'};

  @TempDir private Path folder;
  private ServerFixture fixture;
  private RecordingService service;
  private Guest guest;

  @BeforeEach
  void start() throws IOException {
    fixture = new ServerFixture();
    service = fixture.service;
    fixture.open(folder.resolve("s"), 7);
    guest = Guest.on(folder.resolve("s"));
  }

  @AfterEach
  void end() {
    guest.close();
    fixture.close();
  }

  @Test
  void call_refused_carriesTheStatusAndTheReason() {
    service.answer(one -> one.reply().refuse(Reply.Refusal.MALFORMED, "at byte 3"));
    assertStatus(send(REQUEST), Status.Code.INVALID_ARGUMENT, "at byte 3");
    service.answer(one -> one.reply().refuse(Reply.Refusal.UNAVAILABLE, "disk full"));
    assertStatus(send(REQUEST), Status.Code.UNAVAILABLE, "disk full");
    service.answer(one -> one.reply().refuse(Reply.Refusal.DENIED, "not you"));
    assertStatus(send(REQUEST), Status.Code.PERMISSION_DENIED, "not you");
    assertThat(service.refused())
        .containsExactly(Reply.Refusal.MALFORMED, Reply.Refusal.UNAVAILABLE, Reply.Refusal.DENIED);
  }

  @Test
  void call_answeredLaterFromAnotherThread_isOk() throws Exception {
    CompletableFuture<RecordingService.Arrived> held = service.holdBack();
    Future<byte[]> call = guest.sendAsync(Method.USER, REQUEST);
    RecordingService.Arrived arrived = Await.value(held);
    assertThat(call.isDone()).isFalse();
    Thread other = new Thread(arrived.reply()::ok);
    other.start();
    other.join();
    assertThat(Await.value(call)).isEmpty();
  }

  /**
   * A guest that goes and comes again while its disk hangs is charged for what it leaves behind.
   */
  @Test
  void call_guestIsGoneBeforeTheAnswer_isChargedUntilThen() throws Exception {
    CompletableFuture<RecordingService.Arrived> held = service.holdBack();
    Future<byte[]> unused = guest.sendAsync(Method.USER, REQUEST);
    RecordingService.Arrived arrived = Await.value(held);
    assertThat(fixture.server.heldBytes()).isBetween(1L << 10, 2L << 10);

    guest.close();

    Await.until("more is charged", () -> fixture.server.heldBytes() > 16 << 10);
    arrived.reply().ok();
    Await.until("nothing is held", () -> fixture.server.heldBytes() == 0);
  }

  /** They mean nothing: what is written is answered OK, and not as a call of no method. */
  @Test
  void call_endsWithTrailers_isAnsweredOnceAndOk() throws IOException {
    try (RawHttp2 raw = RawHttp2.connect(folder.resolve("s")).preface()) {
      raw.callHeaders(1).message(1, REQUEST.length, REQUEST, false);
      raw.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, TRAILERS);
      Await.until(
          "it is answered",
          () -> {
            boolean open = raw.drain();
            return open && raw.isReset(1);
          });
      assertThat(raw.isAnswered(1)).isTrue();
      assertThat(service.arrived()).hasSize(1);
    }
  }

  @Test
  void call_secondMessage_isResetAndTheConnectionServesOn() {
    RawCall call = RawCall.start(guest, Method.USER, CallOptions.DEFAULT);
    call.send(REQUEST).send(REQUEST);
    call.halfClose();
    assertThat(call.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(service.arrived()).isEmpty();
    guest.send(Method.USER, REQUEST);
    assertThat(service.connected()).hasSize(1);
  }

  @Test
  void call_noMessage_isRefused() {
    RawCall call = RawCall.start(guest, Method.USER, CallOptions.DEFAULT);
    call.halfClose();
    assertThat(call.status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(call.status().getDescription()).contains("no LogRequest");
    assertThat(service.arrived()).isEmpty();
  }

  @Test
  void call_emptyRequest_arrives() {
    guest.send(Method.USER, new byte[0]);
    assertThat(service.arrived().get(0).request()).isEmpty();
  }

  @Test
  void call_cancelledWhileTheAnswerIsPending_isSwallowedAndTheConnectionServesOn() {
    CompletableFuture<RecordingService.Arrived> held = service.holdBack();
    Future<byte[]> call = guest.sendAsync(Method.USER, REQUEST);
    RecordingService.Arrived arrived = Await.value(held);
    call.cancel(true);
    CompletableFuture<RecordingService.Arrived> second = service.holdBack();
    Future<byte[]> next = guest.sendAsync(Method.USER, REQUEST);
    Reply later = Await.value(second).reply(); // in order on one connection: the cancel has arrived
    arrived.reply().ok();
    later.ok();
    assertThat(Await.value(next)).isEmpty();
    assertThat(service.connected()).hasSize(1);
  }

  @Test
  void call_connectionGoneWhileTheAnswerIsPending_isSwallowed() {
    CompletableFuture<RecordingService.Arrived> held = service.holdBack();
    Future<byte[]> call = guest.sendAsync(Method.USER, REQUEST);
    RecordingService.Arrived arrived = Await.value(held);
    guest.close();
    Await.until("the connection is closed", () -> service.closed().size() == 1);
    assertThat(call.isDone()).isTrue();
    arrived.reply().ok();
    arrived = null;
    Await.until("it has left", () -> service.admitted() == 0);
  }

  @Test
  void call_largestRequest_arrivesAndOneByteMoreIsExhausted() {
    byte[] largest = new byte[ServerFixture.MAX_REQUEST_BYTES];
    new Random(1).nextBytes(largest);
    guest.send(Method.USER, largest);
    assertThat(service.arrived().get(0).request()).isEqualTo(largest);
    assertStatus(send(new byte[largest.length + 1]), Status.Code.RESOURCE_EXHAUSTED, "");
    guest.send(Method.USER, REQUEST);
    assertThat(service.arrived()).hasSize(2);
  }

  @Test
  void call_unknownMethod_isUnimplemented() {
    RawCall call = RawCall.start(guest, "vm_tools.LogCollector/Other", CallOptions.DEFAULT);
    call.send(REQUEST).halfClose();
    assertThat(call.status().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void call_compressed_arrivesWhole() {
    byte[] request = "the same again and again ".repeat(1000).getBytes(US_ASCII);
    RawCall call = RawCall.start(guest, Method.USER, CallOptions.DEFAULT.withCompression("gzip"));
    call.send(request).halfClose();
    assertThat(call.status().getCode()).isEqualTo(Status.Code.OK);
    assertThat(service.arrived().get(0).request()).isEqualTo(request);
  }

  @Test
  void call_compressedIsSmallButTooLargeInside_isExhausted() {
    RawCall call = RawCall.start(guest, Method.USER, CallOptions.DEFAULT.withCompression("gzip"));
    call.send(new byte[20 * ServerFixture.MAX_REQUEST_BYTES]).halfClose();
    assertThat(call.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(service.arrived()).isEmpty();
    guest.send(Method.USER, REQUEST);
  }

  @Test
  void call_thousandTimes_allAnswered() {
    for (int i = 0; i < 1000; i++) {
      guest.send(Method.USER, REQUEST);
    }
    assertThat(service.arrived()).hasSize(1000);
    assertThat(service.connected()).hasSize(1);
  }

  @Test
  void shutdown_callIsPending_letsItFinishAndTurnsNewOnesAway() throws Exception {
    CompletableFuture<RecordingService.Arrived> held = service.holdBack();
    Future<byte[]> call = guest.sendAsync(Method.USER, REQUEST);
    RecordingService.Arrived arrived = Await.value(held);
    Thread closer = new Thread(() -> fixture.server.shutdown(Duration.ofSeconds(20)));
    closer.start();
    // GOAWAY has come when a new call does not reach the service any more.
    assertStatus(() -> awaitRefusal(), Status.Code.UNAVAILABLE, "");
    assertThat(call.isDone()).isFalse();

    arrived.reply().ok();

    assertThat(Await.value(call)).isEmpty();
    closer.join(30_000);
    assertThat(closer.isAlive()).isFalse();
    Await.until("the loops have ended", () -> fixture.threads.stream().noneMatch(Thread::isAlive));
    assertThat(service.closed()).hasSize(service.connected().size());
  }

  @Test
  void shutdown_callNeverAnswered_endsAfterItsGrace() {
    CompletableFuture<RecordingService.Arrived> held = service.holdBack();
    Future<byte[]> call = guest.sendAsync(Method.USER, REQUEST);
    RecordingService.Arrived arrived = Await.value(held);
    fixture.server.shutdown(Duration.ofMillis(50));
    assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
    arrived.reply().ok();
  }

  @Test
  void close_transport_nextCallComesOnAnotherConnection() {
    CompletableFuture<Transport> transport = new CompletableFuture<>();
    service.onConnected(transport::complete);
    guest.send(Method.USER, REQUEST);
    Await.value(transport).close();
    Await.until("the connection is closed", () -> service.closed().size() == 1);
    guest.send(Method.USER, REQUEST);
    assertThat(service.connected()).hasSize(2);
  }

  @Test
  void close_transportWhileItConnects_isClosedOnceAndNothingIsLeft() {
    service.onConnected(Transport::close);
    Future<byte[]> unused = guest.sendAsync(Method.USER, REQUEST);
    Await.until("it has been closed", () -> service.closed().size() >= 1);
    guest.close();
    Await.until("all have left", () -> service.admitted() == 0);
    Await.until("each is closed once", () -> service.closed().size() == service.connected().size());
  }

  @Test
  void execute_transportAfterTheServerHasEnded_doesNothing() {
    CompletableFuture<Transport> transport = new CompletableFuture<>();
    service.onConnected(transport::complete);
    guest.send(Method.USER, REQUEST);
    fixture.server.close();
    Await.value(transport).execute(() -> {});
    Await.value(transport).close();
  }

  private void awaitRefusal() {
    service.answer(one -> one.reply().ok());
    for (int i = 0; i < 10_000; i++) {
      guest.send(Method.USER, REQUEST);
    }
  }

  private Runnable send(byte[] request) {
    return () -> guest.send(Method.USER, request);
  }

  private static void assertStatus(Runnable call, Status.Code code, String description) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              assertThat(String.valueOf(e.getStatus().getDescription())).contains(description);
            });
  }
}
