package org.vmlog.realm.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.vmlog.bus.BusException;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.ForwardedSignals;
import org.vmlog.platform.Threads;

/**
 * A command that runs as a component: what it writes goes to its sink line by line, signals that
 * this process gets go on to it, and its exit code is this one's. Started and awaited by one
 * thread.
 */
public final class ComponentCommand {
  /**
   * How it is run.
   *
   * @param environment what it has beside this process's own
   * @param outputSeverity RFC 5424 number, of lines on stdout that do not say their own
   * @param errorSeverity the same of lines on stderr
   * @param prefixed whether {@code <N>} at a line's beginning says its severity
   * @param patience with who takes the log, once the command has ended
   */
  public record Settings(
      List<String> command,
      Map<String, String> environment,
      int outputSeverity,
      int errorSeverity,
      boolean prefixed,
      Duration patience) {
    public Settings {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }
  }

  /** Opens sinks. Called on the thread that sends. */
  @FunctionalInterface
  public interface Sinks {
    /**
     * The client's end of a new connection.
     *
     * @throws BusException if it cannot be had now
     */
    Descriptor open() throws BusException;
  }

  private final Process process;
  private final Duration patience;
  private final OutputQueue queue = new OutputQueue();
  private final CountDownLatch outputsEnded = new CountDownLatch(2);
  private final CountDownLatch sent = new CountDownLatch(1);
  private final SinkWriter writer;
  private final Thread sender;
  private volatile boolean allSent;

  private ComponentCommand(Process process, Settings settings, Sinks sinks) {
    this.process = process;
    this.patience = settings.patience();
    this.writer = new SinkWriter(sinks, queue);
    this.sender = Threads.named("vmlog-send").newThread(this::send);
    read("vmlog-stdout", process.getInputStream(), settings.outputSeverity(), settings);
    read("vmlog-stderr", process.getErrorStream(), settings.errorSeverity(), settings);
    sender.start();
  }

  /**
   * Starts the command, with this process's stdin.
   *
   * @param sinks opens its sink, now and whenever the one before has ended
   * @throws IOException if it cannot be started
   */
  public static ComponentCommand start(Settings settings, Sinks sinks) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(settings.command()).redirectInput(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(settings.environment());
    return new ComponentCommand(builder.start(), settings, sinks);
  }

  private void read(String thread, InputStream output, int severity, Settings settings) {
    OutputReader reader =
        new OutputReader(output, severity, settings.prefixed(), queue, InstantSource.system());
    Threads.named(thread)
        .newThread(
            () -> {
              try {
                reader.readToEnd();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } finally {
                outputsEnded.countDown();
              }
            })
        .start();
  }

  private void send() {
    try (writer) {
      writer.sendAll();
      allSent = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // what is left is written elsewhere
    } finally {
      sent.countDown();
    }
  }

  /** Passes the signals on that this process gets from now on. */
  public void forwardSignals() {
    ForwardedSignals.to(process, this::stopListening);
  }

  /** Whoever has inherited the command's output may hold it open for ever. */
  private void stopListening() {
    while (outputsEnded.getCount() > 0) {
      outputsEnded.countDown();
    }
  }

  /**
   * Waits for the command's end, for the end of its output, and until all of that is written.
   *
   * @param unwritten what could not be logged, as it was; only if nobody takes the log
   * @return the exit code; 128 and the signal's number if one has ended it
   */
  public int await(OutputStream unwritten) throws InterruptedException, IOException {
    int code = process.waitFor();
    outputsEnded.await();
    queue.end();
    if (!sent.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      sender.interrupt();
      sent.await();
    }
    if (!allSent) {
      for (OutputLine line : left()) {
        line.content().writeTo(unwritten);
        unwritten.write('\n');
      }
      unwritten.flush();
    }
    return code;
  }

  private List<OutputLine> left() {
    List<OutputLine> left = new ArrayList<>(writer.unsent());
    left.addAll(queue.drain());
    return left;
  }
}
