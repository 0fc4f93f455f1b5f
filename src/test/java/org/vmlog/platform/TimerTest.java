package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Await;

class TimerTest {
  @Test
  void timer_taskFails_runsItAgain() {
    ScheduledThreadPoolExecutor timer = Threads.timer("test-timer");
    AtomicInteger runs = new AtomicInteger();
    try {
      var unused =
          timer.scheduleWithFixedDelay(
              () -> {
                runs.incrementAndGet();
                throw new IllegalStateException("a task of this test fails");
              },
              0,
              1,
              TimeUnit.MILLISECONDS);
      Await.until("it runs again", () -> runs.get() > 2);
    } finally {
      timer.shutdownNow();
    }
    assertThat(timer.isShutdown()).isTrue();
  }
}
