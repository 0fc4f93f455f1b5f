package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LimitedLogTest {
  private static final long SECOND = 1_000_000_000L;

  private final Logger jul = Logger.getLogger("org.vmlog.limited");
  private final List<LogRecord> records = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - SECOND); // It wraps around.
  private final LimitedLog log =
      LimitedLog.on(LoggerFactory.getLogger("org.vmlog.limited"), now::get);
  private final Handler recorder =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void record() {
    jul.setUseParentHandlers(false);
    jul.setLevel(Level.INFO);
    jul.addHandler(recorder);
  }

  @AfterEach
  void stop() {
    jul.removeHandler(recorder);
    jul.setUseParentHandlers(true);
    jul.setLevel(null);
  }

  @Test
  void warn_flood_showsTenAndTellsOfTheRestLater() {
    for (int i = 0; i < 47; i++) {
      log.warn("number {}", i);
    }
    assertThat(messages()).hasSize(10).startsWith("number 0").endsWith("number 9");

    now.addAndGet(10 * SECOND - 1);
    log.warn("number {}", 47);
    assertThat(messages()).hasSize(10);

    now.addAndGet(1);
    log.warn("number {}", 48);
    log.warn("number {}", 49);
    assertThat(messages().subList(10, 12))
        .containsExactly("number 48 (38 more like this were not shown)", "number 49");
  }

  @Test
  void warn_oneSuppressed_isToldInTheSingular() {
    for (int i = 0; i < 11; i++) {
      log.warn("x");
    }
    now.addAndGet(10 * SECOND);
    log.warn("x");

    assertThat(messages()).endsWith("x (1 more like this was not shown)");
  }

  @Test
  void warn_anyTenSeconds_haveAtMostTenLines() {
    for (int i = 0; i < 400; i++) {
      log.warn("{}", now.get());
      now.addAndGet(SECOND / 4);
    }

    // Ten in the first 2.25 s, then ten more each time those are 10 s old.
    assertThat(records).hasSize(100);
    for (int i = 0; i + 10 < records.size(); i++) {
      assertThat(time(i + 10) - time(i)).isGreaterThanOrEqualTo(10 * SECOND);
    }
  }

  @Test
  void allLevels_shareOneLimit() {
    for (int i = 0; i < 4; i++) {
      log.error("e");
      log.warn("w");
      log.info("i");
    }

    assertThat(records)
        .extracting(LogRecord::getLevel)
        .containsExactly(
            Level.SEVERE,
            Level.WARNING,
            Level.INFO,
            Level.SEVERE,
            Level.WARNING,
            Level.INFO,
            Level.SEVERE,
            Level.WARNING,
            Level.INFO,
            Level.SEVERE);
  }

  @Test
  void error_throwableAsLastArgument_isTheCause() {
    Exception cause = new Exception("why");

    log.error("cannot {}", "this", cause);

    assertThat(messages()).containsExactly("cannot this");
    assertThat(records.get(0).getThrown()).isSameAs(cause);
  }

  @Test
  void info_levelIsOff_takesNothingFromTheLimit() {
    jul.setLevel(Level.WARNING);
    for (int i = 0; i < 20; i++) {
      log.info("quiet");
    }

    log.warn("loud");

    assertThat(messages()).containsExactly("loud");
  }

  @Test
  void warn_suppressed_doesNotFormat() {
    for (int i = 0; i < 10; i++) {
      log.warn("x");
    }

    log.warn(
        "{}",
        new Object() {
          @Override
          public String toString() {
            throw new AssertionError("was formatted");
          }
        });

    assertThat(records).hasSize(10);
  }

  @Test
  void warn_manyThreads_losesNoCount() throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  start.await();
                } catch (InterruptedException e) {
                  return;
                }
                for (int j = 0; j < 10_000; j++) {
                  log.warn("x");
                }
              });
      thread.start();
      threads.add(thread);
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    now.addAndGet(10 * SECOND);
    log.warn("last");

    // A line that passes may itself tell of some: all tellings together are what was suppressed.
    assertThat(records).hasSize(11);
    long told =
        messages().stream()
            .filter(message -> message.contains("more like this"))
            .mapToLong(message -> Long.parseLong(message.replaceAll("\\D", "")))
            .sum();
    assertThat(told).isEqualTo(40_000 - 10);
  }

  private long time(int index) {
    return Long.parseLong(messages().get(index).replaceAll(" \\(.*", ""));
  }

  private List<String> messages() {
    return records.stream().map(LogRecord::getMessage).toList();
  }
}
