package org.vmlog.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.intake.IntakeFixture.DROP_HEAD;
import static org.vmlog.intake.IntakeFixture.NOW;
import static org.vmlog.intake.IntakeFixture.dropped;
import static org.vmlog.intake.IntakeFixture.written;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RunnableScheduledFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.metrics.LatencyHistogram;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.record.Channel;
import org.vmlog.route.CopyTarget;
import org.vmlog.route.LogPipe;
import org.vmlog.route.Route;
import org.vmlog.route.SourceLimits;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.FlakySink;
import org.vmlog.testing.Guest;
import org.vmlog.testing.RecordingSink;
import org.vmlog.wire.Transport;

class RequestJobTest {
  private static final String HEAD = "<14>Mar  1 12:00:00 web ";
  private static final int MAX_RECORDS = 5000;

  private final IntakeFixture.Options options = new IntakeFixture.Options();
  private final ExecutorService loop = Executors.newSingleThreadExecutor(IntakeFixture::thread);
  private IntakeFixture fixture;
  private Route route;

  @AfterEach
  void end() {
    loop.shutdownNow();
    fixture.close();
  }

  @Test
  void run_sinkHangs_isAnsweredOnlyOnceWritten() throws IOException {
    BlockingSink sink = new BlockingSink();
    options.sink = sink;
    RecordingReply reply = run(request(2, "hello"));
    sink.awaitBlocked();
    assertThat(reply.isAnswered()).isFalse();
    sink.release();
    assertThat(reply.await()).isEqualTo("OK");
    assertThat(reply.answers()).isEqualTo(1);
    assertThat(sink.target().text()).isEqualTo(HEAD + "hello 0\n" + HEAD + "hello 1\n");
  }

  @Test
  void run_emptyRequest_isOk() throws IOException {
    assertThat(run(new byte[0]).await()).isEqualTo("OK");
  }

  @Test
  void run_malformedAtTheEndOfAMegabyte_leavesNothingBehind() throws IOException {
    byte[] good = request(1000, "x".repeat(1000));
    byte[] bad = Arrays.copyOf(good, good.length + 1);
    bad[good.length] = 0x7f; // a tag whose field is missing
    RecordingReply reply = run(bad);
    assertThat(reply.await()).startsWith("MALFORMED: malformed request: at byte");
    assertThat(run(request(1, "after")).await()).isEqualTo("OK");
    assertThat(((RecordingSink) options.sink).text()).isEqualTo(HEAD + "after 0\n");
    assertThat(reply.answers()).isEqualTo(1);
  }

  @Test
  void run_moreThanMaxRecords_writesSoManyCountsTheRestAndIsOk() throws IOException {
    RecordingReply reply = run(request(MAX_RECORDS + 7, "many"));
    assertThat(reply.await()).isEqualTo("OK");
    RecordingSink sink = (RecordingSink) options.sink;
    assertThat(written(sink)).isEqualTo(MAX_RECORDS);
    assertThat(sink.text())
        .startsWith(HEAD + "many 0\n")
        .endsWith(
            "many "
                + (MAX_RECORDS - 1)
                + "\n"
                + DROP_HEAD
                + "7 records dropped (too many records in one request)\n");
  }

  @Test
  void run_pipeStaysFull_dropsWhatIsLeftAndIsOkOnceTheCountStands() throws IOException {
    BlockingSink sink = new BlockingSink();
    options.sink = sink;
    options.pipeBytes = 64 << 10;
    RecordingReply first = run(request(1, "first"));
    sink.awaitBlocked();
    RecordingReply reply = run(request(3000, "x".repeat(80)));
    RecordingReply next = run(request(3000, "y".repeat(80)));
    awaitEndOfPatience();
    assertThat(reply.isAnswered()).isFalse();
    sink.release();

    assertThat(first.await()).isEqualTo("OK");
    assertThat(reply.await()).isEqualTo("OK");
    assertThat(next.await()).isEqualTo("OK");
    long dropped = dropped(sink.target(), "records dropped (pipe full)");
    assertThat(dropped).isGreaterThan(4000);
    assertThat(written(sink.target()) + dropped).isEqualTo(6001);
    assertThat(reply.answers() + next.answers()).isEqualTo(2);
  }

  @Test
  void run_pipeHasRoomAgain_everyRecordIsWrittenOrCounted() throws IOException {
    BlockingSink sink = new BlockingSink();
    options.sink = sink;
    options.pipeBytes = 64 << 10;
    RecordingReply first = run(request(1, "first"));
    sink.awaitBlocked();
    RecordingReply reply = run(request(4000, "x".repeat(80)));
    sink.release();
    assertThat(first.await()).isEqualTo("OK");
    assertThat(reply.await()).isEqualTo("OK");
    // Some are dropped only if this machine stood still for a second.
    long dropped = dropped(sink.target(), "records dropped (pipe full)");
    assertThat(written(sink.target()) + dropped).isEqualTo(4001);
  }

  @Test
  void run_overItsRate_everyRecordIsWrittenOrCounted() throws IOException {
    options.limits = new SourceLimits(100, 100, 1 << 20);
    RecordingReply reply = run(request(1500, "x".repeat(80)));
    assertThat(reply.await()).isEqualTo("OK");
    RecordingSink sink = (RecordingSink) options.sink;
    long dropped = dropped(sink, "records dropped (rate limit)");
    assertThat(dropped).isPositive();
    assertThat(written(sink) + dropped).isEqualTo(1500);
  }

  @Test
  void run_isAnsweredLongBeforeItsRateAllows_keepsNothingOfTheRequest() throws IOException {
    options.limits = new SourceLimits(1, 1, 1 << 20); // the second chunk may pass in ten minutes
    WeakReference<byte[]> request = new WeakReference<>(request(1500, "x".repeat(80)));
    assertThat(run(Objects.requireNonNull(request.get())).await()).isEqualTo("OK");
    assertThat(dropped((RecordingSink) options.sink, "records dropped (rate limit)")).isPositive();
    Await.until(
        "the request is let go",
        () -> {
          System.gc();
          return request.get() == null;
        });
  }

  @Test
  void run_lineLongerThanThePipe_isCutWithAMarkAndCounted() throws IOException {
    options.pipeBytes = 64 << 10;
    byte[] request = records("before", "z".repeat(100_000), "after");
    assertThat(run(request).await()).isEqualTo("OK");
    RecordingSink sink = (RecordingSink) options.sink;
    assertThat(sink.lines())
        .hasSize(4)
        .contains(HEAD + "before", HEAD + "after", DROP_HEAD + "1 records cut (line too long)");
    String cut = sink.lines().get(1);
    assertThat(cut).startsWith(HEAD + "zzz").endsWith("zzz#[cut, 100000 bytes]");
    assertThat(cut.getBytes(UTF_8)).hasSize(options.pipeBytes - 1);
  }

  @Test
  void run_longLineAmongShortOnes_goesAlone() throws IOException {
    byte[] request = records("before", "z".repeat(LogPipe.CHUNK_BYTES), "after");
    BlockingSink sink = new BlockingSink();
    options.sink = sink;
    options.pipeBytes = LogPipe.CHUNK_BYTES + 1000;
    RecordingReply first = run(request(1, "first"));
    sink.awaitBlocked();
    RecordingReply reply = run(request);
    sink.release();
    assertThat(first.await()).isEqualTo("OK");
    assertThat(reply.await()).isEqualTo("OK");
    assertThat(written(sink.target())).isEqualTo(4);
  }

  @Test
  void run_copyWanted_bothGetTheirLines() throws IOException {
    options.copies = Set.of(CopyTarget.SYSLOG);
    assertThat(run(request(1, "hello")).await()).isEqualTo("OK");
    assertThat(((RecordingSink) options.sink).text()).isEqualTo(HEAD + "hello 0\n");
    RecordingSink syslog = (RecordingSink) options.syslog;
    Await.until(
        "the copy is sent", () -> syslog.text().equals("<14>Mar  1 12:00:00 VM(7): hello 0\n"));
  }

  @Test
  void run_bothCopiesWanted_eachGetsItsLines() throws IOException {
    options.copies = Set.of(CopyTarget.SYSLOG, CopyTarget.JOURNAL);
    RecordingSink journal = new RecordingSink();
    options.journals = () -> journal;
    assertThat(run(request(2000, "x".repeat(80))).await()).isEqualTo("OK");
    RecordingSink syslog = (RecordingSink) options.syslog;
    Await.until(
        "the copies are sent", () -> syslog.lines().size() + journal.lines().size() == 4000);
    assertThat(syslog.lines().get(1999))
        .isEqualTo("<14>Mar  1 12:00:00 VM(7): " + "x".repeat(80) + " 1999");
    assertThat(journal.lines().get(1999))
        .startsWith(
            "<14>1 2026-03-01T12:00:00.000000+00:00 web - - - [vm@32473 owner=\"alice\" cid=\"7\"")
        .endsWith("] " + "x".repeat(80) + " 1999");
  }

  @Test
  void run_copyHangsOrDoesNotFit_isOkAllTheSame() throws IOException {
    options.copies = Set.of(CopyTarget.SYSLOG);
    BlockingSink syslog = new BlockingSink();
    options.syslog = syslog;
    options.syslogBytes = 64 << 10;
    assertThat(run(request(1, "first")).await()).isEqualTo("OK");
    syslog.awaitBlocked();
    assertThat(run(request(2000, "x".repeat(80))).await()).isEqualTo("OK");
    assertThat(run(records("z".repeat(100_000))).await()).isEqualTo("OK");
    RecordingSink sink = (RecordingSink) options.sink;
    assertThat(sink.lines()).hasSize(2002).noneMatch(line -> line.startsWith(DROP_HEAD));
    syslog.release();
  }

  @Test
  void run_writeFails_isUnavailableWithoutTheHostsWords() throws IOException {
    options.sink = FlakySink.script(FlakySink.failAfter(1));
    RecordingReply reply = run(request(2, "hello"));
    assertThat(reply.await()).isEqualTo("UNAVAILABLE: the log could not be written");
    assertThat(run(request(2, "again")).await()).isEqualTo("OK");
    assertThat(((FlakySink) options.sink).target().lines())
        .containsExactly(
            HEAD + "hello 0",
            DROP_HEAD + "1 requests refused (log could not be written)",
            HEAD + "again 0",
            HEAD + "again 1");
  }

  @Test
  void run_pipeIsClosed_isUnavailable() throws IOException {
    assertThat(run(request(1, "hello")).await()).isEqualTo("OK");
    Await.value(fixture.router.closeAll());
    assertThat(run(request(1, "late")).await()).startsWith("UNAVAILABLE");
    assertThat(run(request(MAX_RECORDS + 1, "late")).await()).startsWith("UNAVAILABLE");
  }

  /** Hands a request in on the loop, as its connection would. */
  private RecordingReply run(byte[] request) throws IOException {
    if (fixture == null) {
      fixture = new IntakeFixture(options);
      route = fixture.router.open(fixture.start());
    }
    RequestJob.Context context =
        new RequestJob.Context(
            ThreadLocal.withInitial(Rendering::new),
            IntakeFixture.CLOCK,
            fixture.timer,
            new LatencyHistogram(),
            MAX_RECORDS);
    Transport transport =
        new Transport() {
          @Override
          public void execute(Runnable task) {
            loop.execute(task);
          }

          @Override
          public void close() {}
        };
    RecordingReply reply = new RecordingReply();
    loop.execute(
        () -> new RequestJob(context, route, transport, Channel.USER, request, reply).run());
    return reply;
  }

  /** Waits until the timer has run what the jobs so far have it run. */
  private void awaitEndOfPatience() {
    Await.value(loop.submit(() -> {}));
    Await.until(
        "nothing is due but the writers' watch",
        () ->
            fixture.timer.getQueue().stream()
                .allMatch(due -> ((RunnableScheduledFuture<?>) due).isPeriodic()));
    Await.value(fixture.timer.submit(() -> {}));
    Await.value(loop.submit(() -> {}));
  }

  private static byte[] request(int records, String content) {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (int i = 0; i < records; i++) {
      request.addRecords(Guest.record(NOW.getEpochSecond(), content + " " + i));
    }
    return request.build().toByteArray();
  }

  private static byte[] records(String... contents) {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (String content : contents) {
      request.addRecords(Guest.record(NOW.getEpochSecond(), content));
    }
    return request.build().toByteArray();
  }
}
