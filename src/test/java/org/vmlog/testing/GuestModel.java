package org.vmlog.testing;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;

/**
 * Behaves as ChromiumOS's own vm_syslog does: it keeps one request, adds to it, and sends all of it
 * once it has {@value #FLUSH_BYTES} bytes or a while has passed. After any answer but OK it keeps
 * the request, adds to it, and sends the whole again. It sets no deadline and never splits.
 *
 * <p>It numbers its records, and remembers what it attempted. Thread-safe.
 */
public final class GuestModel implements AutoCloseable {
  private static final int FLUSH_BYTES = 4096;

  /** A request with the records {@code [first, end)} and whether it was answered with OK. */
  public record Attempt(int first, int end, boolean ok) {}

  private final Guest guest;
  private final Guest.Method method;
  private final long flushNanos;
  private final Thread sender = new Thread(this::run, "guest-model");

  @GuardedBy("this")
  private final LogRequest.Builder request = LogRequest.newBuilder();

  @GuardedBy("this")
  private final List<Attempt> attempts = new ArrayList<>();

  @GuardedBy("this")
  private int requestBytes;

  @GuardedBy("this")
  private int logged;

  @GuardedBy("this")
  private int acknowledged;

  @GuardedBy("this")
  private boolean closed;

  /**
   * Starts it.
   *
   * @param flushInterval 5 s in the original
   */
  public GuestModel(Guest guest, Guest.Method method, Duration flushInterval) {
    this.guest = guest;
    this.method = method;
    this.flushNanos = flushInterval.toNanos();
    sender.setDaemon(true);
    sender.start();
  }

  /** Logs a record whose content ends in its number. */
  public synchronized void log(String content) {
    LogRecord record = Guest.record(7, content + " " + logged++);
    request.addRecords(record);
    requestBytes += record.getSerializedSize();
    notifyAll();
  }

  /** How many records it has logged. */
  public synchronized int logged() {
    return logged;
  }

  /** How many of them, from the first on, were answered with OK. */
  public synchronized int acknowledged() {
    return acknowledged;
  }

  /** Every request that was answered, in order. */
  public synchronized List<Attempt> attempts() {
    return List.copyOf(attempts);
  }

  private void run() {
    try {
      int failedAt = -1;
      while (true) {
        LogRequest whole;
        int first;
        synchronized (this) {
          awaitFlush(failedAt);
          if (closed) {
            return;
          }
          whole = request.build();
          first = acknowledged;
        }
        boolean ok = send(whole);
        failedAt = ok ? -1 : first + whole.getRecordsCount();
        conclude(new Attempt(first, first + whole.getRecordsCount(), ok));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed while it waited for an answer
    }
  }

  /**
   * Waits until the request is to be sent.
   *
   * @param failedAt how many records there were when the last attempt failed: only a further one,
   *     or time, brings the next
   */
  @GuardedBy("this")
  private void awaitFlush(int failedAt) throws InterruptedException {
    long began = System.nanoTime();
    while (!closed) {
      long left = flushNanos - (System.nanoTime() - began);
      boolean full = requestBytes >= FLUSH_BYTES && logged != failedAt;
      if (request.getRecordsCount() > 0 && (full || left <= 0)) {
        return;
      }
      wait(Math.max(1, left > 0 ? left / 1_000_000 : flushNanos / 1_000_000));
    }
  }

  private boolean send(LogRequest whole) throws InterruptedException {
    try {
      byte[] unused = guest.sendAsync(method, whole.toByteArray()).get();
      return true;
    } catch (ExecutionException e) {
      return false; // whatever it was
    }
  }

  private synchronized void conclude(Attempt attempt) {
    attempts.add(attempt);
    if (attempt.ok()) {
      List<LogRecord> rest =
          List.copyOf(
              request
                  .getRecordsList()
                  .subList(attempt.end() - attempt.first(), request.getRecordsCount()));
      request.clearRecords().addAllRecords(rest);
      requestBytes = rest.stream().mapToInt(LogRecord::getSerializedSize).sum();
      acknowledged = attempt.end();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    sender.interrupt();
  }
}
