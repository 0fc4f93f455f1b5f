package org.vmlog.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.platform.LoopShift;
import org.vmlog.testing.Await;

/** A loop of netty's, whose own assertions tell when a thread runs it that should not. */
class ServerLoopsTest {
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<Call> calls = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<LoopShift> shiftMade = new CompletableFuture<>();
  private final ServerLoops loops = new ServerLoops(1, this::thread, this::chores);
  private final EventLoop loop = loops.next();
  private final LoopShift shift = shiftMade.join();

  @AfterEach
  void end() {
    var unused = loops.shutdownGracefully(0, 1000, TimeUnit.MILLISECONDS);
    Await.until("the loop has ended", loops::isTerminated);
    assertThat(failures).isEmpty();
  }

  @Test
  void run_nothingHangs_isItsOwnThreads() {
    Thread own = runner();

    assertThat(loop.inEventLoop(own)).isTrue();
    assertThat(loop.inEventLoop()).isFalse();
    assertThat(threads).containsExactly(own);
  }

  @Test
  void run_threadsHangAtTheBeginningOfARound_othersRunTheLoopUntilTheOwnIsBack() {
    Thread own = runner();
    Call first = hangAtTheBeginning();
    assertThat(shift.relieve(shift.callSince())).isTrue();
    Thread substitute = runner();
    assertThat(loop.inEventLoop(substitute)).isTrue();
    assertThat(loop.inEventLoop(own)).isFalse();
    Call second = hangAtTheBeginning();
    assertThat(shift.relieve(shift.callSince())).isTrue();
    Thread next = runner();
    assertThat(threads).containsExactly(own, substitute, next);

    second.mayEnd.countDown();
    Await.until("it has ended, without another round", () -> !substitute.isAlive());
    assertThat(runner()).isSameAs(next);

    first.mayEnd.countDown();
    Await.until("the own thread is back", () -> runner() == own);
    Await.until("no substitute is left", () -> !next.isAlive());
  }

  @Test
  void shutdownGracefully_threadHangs_endsWhenItIsBack() {
    Call call = hangAtTheBeginning();
    assertThat(shift.relieve(shift.callSince())).isTrue();

    var unused = loops.shutdownGracefully(0, 1000, TimeUnit.MILLISECONDS);

    assertThat(runner()).isSameAs(threads.get(1));
    call.mayEnd.countDown();
    Await.until("the loop has ended", loops::isTerminated);
    Await.until("nobody is left", () -> threads.stream().noneMatch(Thread::isAlive));
  }

  /** Something that a chore waits for. */
  private static final class Call {
    final CompletableFuture<Thread> begun = new CompletableFuture<>();
    final CountDownLatch mayEnd = new CountDownLatch(1);
  }

  /** Has the loop's thread hang in the chores that come before a round's I/O. */
  private Call hangAtTheBeginning() {
    Call call = new Call();
    loop.execute(() -> calls.add(call));
    Await.value(call.begun);
    return call;
  }

  private Thread runner() {
    return Await.value(loop.submit(Thread::currentThread));
  }

  private Runnable chores(LoopShift ofLoop) {
    shiftMade.complete(ofLoop);
    return () -> {
      Call call = calls.poll();
      if (call != null) {
        hang(ofLoop, call);
      }
    };
  }

  private static void hang(LoopShift shift, Call call) {
    long began = System.nanoTime();
    shift.beginCall(began);
    call.begun.complete(Thread.currentThread());
    try {
      call.mayEnd.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    shift.endCall(began);
  }

  private Thread thread(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((failed, cause) -> failures.add(cause));
    threads.add(thread);
    return thread;
  }
}
