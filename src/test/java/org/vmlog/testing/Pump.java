package org.vmlog.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.vmlog.proto.vmtools.LogRequest;

/**
 * Load on one connection: numbered records, a request after the other, until it is told to end or a
 * request fails. Remembers what was acknowledged. Thread-safe.
 */
public final class Pump implements AutoCloseable {
  private static final int RECORDS = 10;

  private final Guest guest;
  private final String text;
  private final List<Integer> acknowledged = new CopyOnWriteArrayList<>();
  private final Thread thread = new Thread(this::run, "pump");
  private volatile boolean ending;

  /** Starts to send records that read {@code TEXT NUMBER}. */
  public Pump(Guest guest, String text) {
    this.guest = guest;
    this.text = text;
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      for (int next = 0; !ending; next += RECORDS) {
        LogRequest.Builder request = LogRequest.newBuilder();
        for (int i = next; i < next + RECORDS; i++) {
          request.addRecords(Guest.record(7, text + " " + i));
        }
        byte[] unused =
            guest
                .sendAsync(Guest.Method.USER, request.build().toByteArray())
                .get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        for (int i = next; i < next + RECORDS; i++) {
          acknowledged.add(i);
        }
      }
    } catch (ExecutionException e) {
      // Not OK: whoever ended the forwarder wanted that.
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(text + " has no answer", e);
    }
  }

  /** The numbers of the records that were answered with OK so far, in order. */
  public List<Integer> acknowledged() {
    return List.copyOf(acknowledged);
  }

  /** Waits until it has ended, by itself after a failure or because it is told to. */
  public void end() throws InterruptedException {
    ending = true;
    thread.join(Await.PATIENCE.toMillis());
    if (thread.isAlive()) {
      throw new AssertionError(text + " does not end");
    }
  }

  @Override
  public void close() {
    ending = true;
    thread.interrupt();
    guest.close();
  }
}
