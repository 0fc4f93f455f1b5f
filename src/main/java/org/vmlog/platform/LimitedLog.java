package org.vmlog.platform;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * The log of one call site, limited: at most {@value #LINES} lines in any {@value #WINDOW_SECONDS}
 * seconds. What is over that is counted, and the next line that passes tells the count. One call
 * site has one instance, usually a field, so that a flood of one message hides no other.
 *
 * <p>A suppressed line costs a clock's reading and a counter; its message is not put together.
 *
 * <p>Thread-safe.
 */
public final class LimitedLog {
  private static final int LINES = 10;
  private static final int WINDOW_SECONDS = 10;
  private static final long WINDOW_NANOS = WINDOW_SECONDS * 1_000_000_000L;

  private final Logger logger;
  private final LongSupplier nanoTime;
  private final AtomicLong suppressed = new AtomicLong();

  /** Before this moment nothing passes: looked at without the lock, to be cheap in a flood. */
  private volatile long closedUntil;

  /** The moments from which on each of the last lines no longer counts, as a ring. */
  @GuardedBy("this")
  private final long[] expiry = new long[LINES];

  @GuardedBy("this")
  private int oldest;

  private LimitedLog(Logger logger, LongSupplier nanoTime) {
    this.logger = logger;
    this.nanoTime = nanoTime;
    long now = nanoTime.getAsLong();
    closedUntil = now;
    Arrays.fill(expiry, now);
  }

  /** A limit of its own in front of a logger. */
  public static LimitedLog on(Logger logger) {
    return on(logger, System::nanoTime);
  }

  static LimitedLog on(Logger logger, LongSupplier nanoTime) {
    return new LimitedLog(logger, nanoTime);
  }

  /**
   * Logs a condition that keeps the daemon from doing part of its work.
   *
   * @param format slf4j's, with {@code {}} for each argument; a last argument that is left over and
   *     is a Throwable is logged as the cause
   */
  public void error(String format, Object... args) {
    if (logger.isErrorEnabled()) {
      log(logger::error, format, args);
    }
  }

  /** Logs what somebody should look at; the arguments are those of {@link #error}. */
  public void warn(String format, Object... args) {
    if (logger.isWarnEnabled()) {
      log(logger::warn, format, args);
    }
  }

  /** Logs what is worth knowing; the arguments are those of {@link #error}. */
  public void info(String format, Object... args) {
    if (logger.isInfoEnabled()) {
      log(logger::info, format, args);
    }
  }

  private void log(BiConsumer<String, Object[]> level, String format, Object... args) {
    if (!pass()) {
      suppressed.incrementAndGet();
      return;
    }
    long count = suppressed.getAndSet(0);
    String tail =
        count == 0
            ? ""
            : " (" + count + " more like this " + (count == 1 ? "was" : "were") + " not shown)";
    level.accept(format + tail, args);
  }

  private boolean pass() {
    long now = nanoTime.getAsLong();
    if (now - closedUntil < 0) {
      return false;
    }
    synchronized (this) {
      if (now - expiry[oldest] < 0) {
        return false;
      }
      expiry[oldest] = now + WINDOW_NANOS;
      oldest = (oldest + 1) % LINES;
      closedUntil = expiry[oldest];
      return true;
    }
  }
}
