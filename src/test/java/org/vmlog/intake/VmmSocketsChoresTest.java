package org.vmlog.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.intake.IntakeFixture.written;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.VmId;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.LoopShift;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.sink.WriteResult;
import org.vmlog.testing.Await;
import org.vmlog.testing.RecordedSink;
import org.vmlog.testing.RecordingSink;
import org.vmlog.testing.Vmm;

/** What the thread of the VMMs' sockets does besides, which may hang. */
@Timeout(120)
class VmmSocketsChoresTest {
  private static final VmId DB = new VmId("alice", "db");

  @TempDir private Path folder;
  private final IntakeFixture.Options options = new IntakeFixture.Options();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final IntakeCounters counters = new IntakeCounters();
  private final RecordingSink dbSink = new RecordingSink();
  private IntakeFixture fixture;
  private VmmSockets sockets;

  @BeforeEach
  void makeFixture() {
    fixture = new IntakeFixture(options);
    fixture.others.put(DB, id -> dbSink);
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    sockets.close();
    fixture.close();
  }

  @Test
  void chores_ofALoop_runAfterEachRoundOnItsThreadAndAtTheEnd() throws Exception {
    NotedChores chores = new NotedChores();
    start(shift -> chores);
    Vmm vmm = vmm(IntakeFixture.WEB, 7);
    for (int i = 1; i <= 3; i++) {
      int sent = i;
      int before = chores.runs.get();
      vmm.say("datagram " + i);
      Await.until("it is read", () -> counters.datagrams().value() == sent);
      Await.until("they run again", () -> chores.runs.get() > before);
    }

    int before = chores.runs.get();

    sockets.close();

    assertThat(chores.runs).hasValueGreaterThan(before);
    assertThat(chores.ranOn).containsOnly(threads.get(0));
    assertThat(threads).hasSize(1);
  }

  @Test
  void read_loopDrains_writesInOrderAndOnItsOwnThread() throws Exception {
    HangingSink sink = new HangingSink(thread -> false);
    options.sink = sink;
    start(fixture.writers::drainsOn);
    Vmm vmm = vmm(IntakeFixture.WEB, 7);
    int said = 0;
    // The first may be a writer's, and so may some after one that was slow.
    for (; said < 1000 || !sink.wroteOn.contains(threads.get(0)); said++) {
      vmm.say("datagram " + said);
    }
    int all = said;
    Await.until("all are written", () -> written(sink.target()) == all);
    assertThat(sink.target().lines()).isEqualTo(numbered("web", all));
  }

  @Test
  void read_anotherVmsWriteHangs_goesOnWithAnotherThread() throws Exception {
    HangingSink hanging = new HangingSink(thread -> thread == threads.get(0));
    options.sink = hanging;
    start(fixture.writers::drainsOn);
    Vmm web = vmm(IntakeFixture.WEB, 7);
    Vmm db = vmm(DB, 8);
    int said = sayUntilItHangs(web, hanging);

    for (int i = 0; i < 100; i++) {
      db.say("datagram " + i);
      web.say("datagram " + said++);
    }
    Await.until("the other VM's are written", () -> written(dbSink) == 100);
    assertThat(hanging.isHanging()).isTrue();

    hanging.release();
    int all = said;
    Await.until("its own are written", () -> written(hanging.target()) == all);
    Await.until(
        "no substitute is left",
        () -> threads.stream().skip(1).noneMatch(Thread::isAlive) && threads.get(0).isAlive());
    db.say("datagram 100");
    Await.until("the thread that is back reads on", () -> written(dbSink) == 101);
    assertThat(dbSink.lines()).isEqualTo(numbered("db", 101));
    assertThat(hanging.target().lines()).isEqualTo(numbered("web", all));
  }

  @Test
  void close_writeHangs_endsAndWhatWaitsIsWrittenLater() throws Exception {
    HangingSink hanging = new HangingSink(thread -> thread == threads.get(0));
    options.sink = hanging;
    start(fixture.writers::drainsOn);
    Vmm web = vmm(IntakeFixture.WEB, 7);
    Vmm db = vmm(DB, 8);
    int said = sayUntilItHangs(web, hanging);
    web.say("datagram " + said++);
    db.say("datagram 0");

    sockets.close();

    assertThat(hanging.isHanging()).isTrue();
    assertThat(folder).isEmptyDirectory();
    assertAllIsWritten(hanging, said);
  }

  /** What has come by then is written by the chores' last run, which hangs. */
  @Test
  void close_lastWriteHangs_endsAndWhatWaitsIsWrittenLater() throws Exception {
    AtomicBoolean hangs = new AtomicBoolean();
    HangingSink hanging = new HangingSink(thread -> hangs.get());
    options.sink = hanging;
    AtomicBoolean idle = new AtomicBoolean();
    start(
        shift -> unless(() -> idle.get() && areOpen(), fixture.writers.drainsOn(shift), () -> {}));
    Vmm web = vmm(IntakeFixture.WEB, 7);
    Vmm db = vmm(DB, 8);
    int said = 0;
    while (!hanging.wroteOn.contains(threads.get(0))) {
      web.say("datagram " + said++);
    }
    int before = said;
    Await.until("all are written", () -> written(hanging.target()) == before);
    idle.set(true);
    hangs.set(true);
    web.say("datagram " + said++);
    web.say("datagram " + said++);
    db.say("datagram 0");
    int all = said + 1;
    Await.until("all are read", () -> counters.datagrams().value() == all);

    sockets.close();

    Await.until("it hangs", hanging::isHanging);
    assertAllIsWritten(hanging, said);
  }

  @Test
  void read_roundFails_whatItHasReadIsWritten() throws Exception {
    AtomicBoolean failing = new AtomicBoolean();
    Runnable fail =
        () -> {
          if (failing.getAndSet(false)) {
            throw new IllegalStateException("expected");
          }
        };
    start(shift -> unless(failing::get, fixture.writers.drainsOn(shift), fail));
    Vmm db = vmm(DB, 8);
    db.say("datagram 0");
    Await.until("it is written", () -> written(dbSink) == 1);
    failing.set(true);

    db.say("datagram 1");

    Await.until("it is written, too", () -> written(dbSink) == 2);
    Await.until("nobody reads on", () -> threads.stream().noneMatch(Thread::isAlive));
    assertThat(dbSink.lines()).isEqualTo(numbered("db", 2));
  }

  /** Answers how many it took. */
  private static int sayUntilItHangs(Vmm vmm, HangingSink sink) {
    AtomicInteger said = new AtomicInteger();
    Await.until(
        "it hangs",
        () -> {
          if (!sink.isHanging()) {
            vmm.say("datagram " + said.getAndIncrement());
          }
          return sink.isHanging();
        });
    return said.get();
  }

  private void assertAllIsWritten(HangingSink hanging, int webs) {
    Await.until("the other VM's is written", () -> written(dbSink) == 1);
    hanging.release();
    Await.value(fixture.router.closeAll());
    assertThat(hanging.target().lines()).isEqualTo(numbered("web", webs));
    assertThat(dbSink.lines()).isEqualTo(numbered("db", 1));
    Await.until("no thread is left", () -> threads.stream().noneMatch(Thread::isAlive));
  }

  private static List<String> numbered(String host, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "<29>Mar  1 12:00:00 " + host + " datagram " + i)
        .toList();
  }

  private void start(Function<LoopShift, Runnable> chores) throws IOException {
    sockets =
        VmmSockets.start(
            this::thread, chores, IntakeFixture.parser(), IntakeFixture.CLOCK, counters);
  }

  private Thread thread(Runnable task) {
    Thread thread = IntakeFixture.thread(task);
    threads.add(thread);
    return thread;
  }

  private Vmm vmm(VmId id, long cid) throws IOException {
    try (PrivateFolder opened = PrivateFolder.open(folder, List.of())) {
      DatagramListener listener =
          DatagramListener.bind(
              opened, id.name() + ".lsock", new SocketAccess(0600, Optional.empty()));
      var unused = sockets.read(listener, fixture.router.open(fixture.start(id, cid)));
      Vmm vmm = Vmm.on(listener.path());
      open.add(vmm);
      return vmm;
    }
  }

  private static final class NotedChores implements Runnable {
    final AtomicInteger runs = new AtomicInteger();
    final List<Thread> ranOn = new CopyOnWriteArrayList<>();

    @Override
    public void run() {
      ranOn.add(Thread.currentThread());
      runs.incrementAndGet();
    }
  }

  private boolean areOpen() {
    return folder.toFile().list().length > 0;
  }

  private static Runnable unless(BooleanSupplier condition, Runnable chores, Runnable otherwise) {
    return () -> (condition.getAsBoolean() ? otherwise : chores).run();
  }

  /** A sink whose first write by such a thread hangs until it is released. */
  private static final class HangingSink extends RecordedSink {
    final List<Thread> wroteOn = new CopyOnWriteArrayList<>();
    private final Predicate<Thread> hangsOn;
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile boolean hanging;

    HangingSink(Predicate<Thread> hangsOn) {
      this.hangsOn = hangsOn;
    }

    @Override
    public WriteResult write(ByteBuffer[] lines) {
      if (released.getCount() > 0 && hangsOn.test(Thread.currentThread())) {
        hanging = true;
        Await.down(released);
        hanging = false;
      }
      WriteResult result = super.write(lines);
      wroteOn.add(Thread.currentThread());
      return result;
    }

    boolean isHanging() {
      return hanging;
    }

    void release() {
      released.countDown();
    }
  }
}
