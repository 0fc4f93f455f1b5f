package org.vmlog.route;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vmlog.route.PipeStream.Opening;
import org.vmlog.sink.StreamId;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.FlakySink;
import org.vmlog.testing.RecordingSink;
import org.vmlog.testing.StreamingSink;

/** Streams in a pipe: in order, once, and in nobody's way. */
@Timeout(60)
class PipeStreamTest {
  private final Pipes pipes = new Pipes();

  @AfterEach
  void end() {
    pipes.close();
  }

  /** Remembers what it was told. */
  private static class Told implements PipeStream.Listener {
    final List<String> events = new CopyOnWriteArrayList<>();

    @Override
    public void opened(long lastSeq) {
      events.add("opened " + lastSeq);
    }

    @Override
    public void written(long lastSeq) {
      events.add("written " + lastSeq);
    }

    @Override
    public void failed(IOException cause) {
      events.add("failed");
    }

    @Override
    public void takenOver() {
      events.add("taken over");
    }

    void await(String... expected) {
      Await.until(
          "it was told " + List.of(expected),
          () -> events.equals(List.of(expected)),
          events::toString);
    }
  }

  @Test
  void append_hangingWrite_isToldOnceForAllThatCameMeanwhile() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(new StreamingSink(sink));
    Told told = new Told();
    PipeStream stream = open(pipe, "s", told);
    told.await("opened 0");
    append(stream, 1, "a\n");
    sink.awaitBlocked();
    append(stream, 2, "b\nc\n");
    append(stream, 4, "d\n");
    sink.release();

    told.await("opened 0", "written 1", "written 4");
    assertThat(sink.target().text()).isEqualTo("a\nb\nc\nd\n");
  }

  @Test
  void append_writeFails_tellsHowFarItCameAndWritesNothingThatFollows() {
    BlockingSink gate = new BlockingSink();
    FlakySink disk = FlakySink.script(FlakySink.all(), FlakySink.failAfter(2));
    LogPipe pipe = pipes.pipe(new StreamingSink(new GatedSink(gate, disk)));
    Told told = new Told();
    Told others = new Told();
    PipeStream stream = open(pipe, "s", told);
    PipeStream other = open(pipe, "other", others);
    others.await("opened 0");
    append(stream, 1, "1\n");
    gate.awaitBlocked();
    append(stream, 2, "2\n3\n4\n"); // with the second write, of which two lines stand
    gate.release();
    told.await("opened 0", "written 1", "written 3", "failed");

    assertThat(offer(stream, 5, "5\n")).isEqualTo(Offer.CLOSED);
    append(other, 1, "other\n");
    others.await("opened 0", "written 1");
    assertThat(disk.target().lines()).contains("1", "2", "3", "other").doesNotContain("4", "5");
  }

  /** What waits behind something of its own that failed is not written; others' is. */
  @Test
  void append_writeFailsWhileMoreWaits_passesOverWhatIsTheStreams() {
    List<Runnable> meanwhile = new ArrayList<>();
    FlakySink disk =
        FlakySink.script(
            lines -> {
              meanwhile.forEach(Runnable::run);
              return new FlakySink.End(0, true);
            });
    LogPipe pipe = pipes.pipe(new StreamingSink(disk));
    Told told = new Told();
    Told others = new Told();
    PipeStream stream = open(pipe, "s", told);
    PipeStream other = open(pipe, "other", others);
    others.await("opened 0");
    RecordingAck request = new RecordingAck();
    meanwhile.add(() -> append(stream, 2, "2\n"));
    meanwhile.add(() -> append(other, 1, "other\n"));
    meanwhile.add(() -> append(stream, 3, "3\n"));
    meanwhile.add(() -> appendRequest(pipe, "request\n", request));
    append(stream, 1, "1\n");

    told.await("opened 0", "written 0", "failed");
    others.await("opened 0", "written 1");
    assertThat(request.await()).isTrue();
    assertThat(disk.target().lines()).contains("other", "request").doesNotContain("1", "2", "3");
  }

  /** What is passed over is followed by no write that could let go of those who wait for room. */
  @Test
  void append_toldOfTheFailureThatMadeRoom_isTakenAtOnce() {
    List<Runnable> meanwhile = new ArrayList<>();
    FlakySink disk =
        FlakySink.script(
            lines -> {
              meanwhile.forEach(Runnable::run);
              return new FlakySink.End(0, true);
            });
    LogPipe pipe = pipes.pipe(new StreamingSink(disk), 1000);
    List<Offer> offers = new CopyOnWriteArrayList<>();
    Told others = new Told();
    PipeStream other = open(pipe, "other", others);
    others.await("opened 0");
    Told told =
        new Told() {
          @Override
          public void failed(IOException cause) {
            offers.add(offer(other, 1, "others\n"));
            super.failed(cause);
          }
        };
    PipeStream stream = open(pipe, "s", told);
    told.await("opened 0");
    meanwhile.add(() -> append(stream, 2, "x".repeat(493) + "\n"));
    meanwhile.add(() -> offers.add(offer(other, 1, "others\n")));
    append(stream, 1, "first\n");

    told.await("opened 0", "written 0", "failed");
    others.await("opened 0", "written 1");
    assertThat(offers).containsExactly(Offer.FULL, Offer.TAKEN);
  }

  @Test
  void open_takenOver_isOpenOnceTheFormersLinesStand() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(new StreamingSink(sink));
    Told told = new Told();
    PipeStream former = open(pipe, "s", told);
    told.await("opened 0");
    append(former, 1, "a\n");
    sink.awaitBlocked();
    append(former, 2, "b\n");
    Told next = new Told();
    PipeStream latter = open(pipe, "s", next);

    told.await("opened 0", "taken over");
    assertThat(offer(former, 3, "c\n")).isEqualTo(Offer.CLOSED);
    assertThat(next.events).isEmpty();
    sink.release();
    next.await("opened 2");
    append(latter, 3, "d\n");
    next.await("opened 2", "written 3");
    former.close();
    append(latter, 4, "e\n");
    next.await("opened 2", "written 3", "written 4");
  }

  @Test
  void open_manyInTurn_lastOneHasIt() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(new StreamingSink(sink));
    Told first = new Told();
    PipeStream holder = open(pipe, "s", first);
    first.await("opened 0");
    append(holder, 1, "a\n");
    sink.awaitBlocked();
    Told second = new Told();
    open(pipe, "s", second);
    Told third = new Told();
    open(pipe, "s", third);
    sink.release();

    third.await("opened 1");
    second.await("taken over");
  }

  @Test
  void open_theNinth_isRefusedUntilOneIsClosed() {
    LogPipe pipe = pipes.pipe(new StreamingSink(new RecordingSink()));
    List<PipeStream> streams = new ArrayList<>();
    for (int i = 0; i < PipeStream.MAX_OPEN; i++) {
      streams.add(open(pipe, "s" + i, new Told()));
    }
    Told told = new Told();
    PipeStream ninth = new PipeStream(pipe, id("ninth"), told);
    assertThat(ninth.open()).isEqualTo(Opening.TOO_MANY);
    assertThat(new PipeStream(pipe, id("s3"), new Told()).open()).isEqualTo(Opening.UNDER_WAY);
    streams.get(0).close();
    assertThat(ninth.open()).isEqualTo(Opening.UNDER_WAY);
    told.await("opened 0");
  }

  /** What still has lines waiting must still be known, so the next has to wait. */
  @Test
  void open_whileEightThatAreClosedStillHaveLinesWaiting_waits() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(new StreamingSink(sink));
    List<PipeStream> streams = new ArrayList<>();
    for (int i = 0; i < PipeStream.MAX_OPEN; i++) {
      Told told = new Told();
      streams.add(open(pipe, "s" + i, told));
      told.await("opened 0");
    }
    append(streams.get(0), 1, "first\n");
    sink.awaitBlocked();
    streams.forEach(stream -> append(stream, 2, "second\n"));
    streams.forEach(PipeStream::close);
    Told told = new Told();
    PipeStream next = open(pipe, "next", told);
    assertThat(told.events).isEmpty();
    sink.release();

    told.await("opened 0");
    append(next, 1, "next\n");
    told.await("opened 0", "written 1");
    assertThat(sink.target().lines()).hasSize(10).endsWith("next");
  }

  @Test
  void append_streamsFillTheirHalf_requestsStillFindRoom() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(new StreamingSink(sink), 1000);
    Told told = new Told();
    PipeStream stream = open(pipe, "s", told);
    told.await("opened 0");
    append(stream, 1, "x".repeat(299) + "\n");
    sink.awaitBlocked();
    append(stream, 2, "x".repeat(199) + "\n");

    assertThat(offer(stream, 3, "x\n")).isEqualTo(Offer.FULL);
    appendRequest(pipe, "y".repeat(499) + "\n", null);
    sink.release();
    told.await("opened 0", "written 1", "written 2");
    append(stream, 3, "x".repeat(900) + "\n"); // one that is larger goes when it goes alone
    told.await("opened 0", "written 1", "written 2", "written 3");
  }

  @Test
  void append_moreSpansThanAnIntentHolds_areWrittenInTheirOrder() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(new StreamingSink(sink), 8 << 20);
    Told[] told = {new Told(), new Told()};
    PipeStream[] streams = {open(pipe, "a", told[0]), open(pipe, "b", told[1])};
    told[0].await("opened 0");
    told[1].await("opened 0");
    StringBuilder expected = new StringBuilder("first\n");
    appendRequest(pipe, "first\n", null);
    sink.awaitBlocked();
    int count = 3500;
    for (int i = 0; i < count; i++) {
      String line = "line " + i + "x".repeat(1100) + "\n"; // small ones would be too many
      append(streams[i % 2], 1 + i, line);
      expected.append(line);
    }
    sink.release();

    Await.until("all stand", () -> told[1].events.contains("written " + count));
    assertThat(sink.target().text()).isEqualTo(expected.toString());
    assertThat(sink.target().events()).hasSizeGreaterThan(4);
  }

  @Test
  void open_sinkKnowsNoStreams_isUnsupported() {
    LogPipe pipe = pipes.pipe(new RecordingSink());
    assertThat(new PipeStream(pipe, id("s"), new Told()).open()).isEqualTo(Opening.UNSUPPORTED);
  }

  @Test
  void close_ofThePipe_tellsWhoHasAStream() {
    LogPipe pipe = pipes.pipe(new StreamingSink(new RecordingSink()));
    Told told = new Told();
    PipeStream stream = open(pipe, "s", told);
    told.await("opened 0");
    append(stream, 1, "a\n");
    Await.value(pipe.close());

    told.await("opened 0", "written 1", "failed");
    assertThat(offer(stream, 2, "b\n")).isEqualTo(Offer.CLOSED);
    assertThat(new PipeStream(pipe, id("s"), new Told()).open()).isEqualTo(Opening.CLOSED);
  }

  private static StreamId id(String name) {
    return new StreamId(name.getBytes(UTF_8));
  }

  private static PipeStream open(LogPipe pipe, String name, Told told) {
    PipeStream stream = new PipeStream(pipe, id(name), told);
    assertThat(stream.open()).isEqualTo(Opening.UNDER_WAY);
    return stream;
  }

  private static void append(PipeStream stream, long firstSeq, String lines) {
    assertThat(offer(stream, firstSeq, lines)).isEqualTo(Offer.TAKEN);
  }

  private static Offer offer(PipeStream stream, long firstSeq, String lines) {
    byte[] bytes = lines.getBytes(US_ASCII);
    int records = (int) lines.chars().filter(c -> c == '\n').count();
    return stream.append(bytes, 0, bytes.length, firstSeq, Pipes.records(records));
  }

  private static void appendRequest(LogPipe pipe, String line, RecordingAck ack) {
    byte[] bytes = line.getBytes(US_ASCII);
    assertThat(pipe.append(bytes, 0, bytes.length, Pipes.records(1), ack)).isEqualTo(Offer.TAKEN);
  }
}
