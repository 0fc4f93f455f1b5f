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
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
  private static final Logger LOG = LoggerFactory.getLogger(ComponentCommand.class);

  /**
   * How it is run.
   *
   * @param passesSink whether descriptor 3 is a sink, see {@link InheritedSink}
   * @param environment what it has beside this process's own
   * @param outputSeverity RFC 5424 number, of lines on stdout that do not say their own
   * @param errorSeverity the same of lines on stderr
   * @param prefixed whether {@code <N>} at a line's beginning says its severity
   * @param patience with nobody taking the log, from the command's end or the first attempt to send
   */
  public record Settings(
      List<String> command,
      boolean passesSink,
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
  private final CountDownLatch ended = new CountDownLatch(1); // by a signal
  private final SinkWriter writer;
  private final OutputStream unwritten;
  private long refused; // confined to the sending thread until it has sent
  private final Thread sender;
  private volatile boolean allSent;

  private ComponentCommand(
      Process process,
      Supplier<InputStream> errors,
      Settings settings,
      Sinks sinks,
      OutputStream unwritten) {
    this.process = process;
    this.unwritten = unwritten;
    this.patience = settings.patience();
    this.writer = new SinkWriter(sinks, queue, this::refuse);
    this.sender = Threads.named("vmlog-send").newThread(this::send);
    read("vmlog-stdout", process::getInputStream, settings.outputSeverity(), settings);
    read("vmlog-stderr", errors, settings.errorSeverity(), settings);
    sender.start();
  }

  /**
   * Starts the command, with this process's stdin.
   *
   * @param sinks opens its sink, now and whenever the one before has ended
   * @param unwritten gets what is not logged, as it was: what is refused, and what nobody takes
   * @throws IOException if it cannot be started
   */
  public static ComponentCommand start(Settings settings, Sinks sinks, OutputStream unwritten)
      throws IOException, BusException {
    ProcessBuilder builder =
        new ProcessBuilder(settings.command()).redirectInput(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(settings.environment());
    if (settings.passesSink()) {
      InheritedSink inherited = InheritedSink.start(builder, sinks);
      return new ComponentCommand(
          inherited.process(), inherited::errors, settings, sinks, unwritten);
    }
    Process process = builder.start();
    return new ComponentCommand(process, process::getErrorStream, settings, sinks, unwritten);
  }

  private void read(String thread, Supplier<InputStream> output, int severity, Settings settings) {
    Threads.named(thread)
        .newThread(
            () -> {
              try {
                new OutputReader(
                        output.get(), severity, settings.prefixed(), queue, InstantSource.system())
                    .readToEnd();
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
    ended.countDown();
    while (outputsEnded.getCount() > 0) {
      outputsEnded.countDown();
    }
  }

  /**
   * Waits for the command's end, for the end of its output, and until all of that is written. Who
   * has taken the log is waited for until it answers, or a signal comes.
   *
   * @return the exit code; 128 and the signal's number if one has ended it
   */
  public int await() throws InterruptedException, IOException {
    int code = process.waitFor();
    outputsEnded.await();
    queue.end();
    writer.awaitTried();
    while (!sent.await(patience.toMillis(), TimeUnit.MILLISECONDS)
        && writer.isServed()
        && ended.getCount() > 0) {
      LOG.info("waiting for whoever has taken the log to answer");
    }
    if (sent.getCount() > 0) {
      sender.interrupt();
      sent.await();
    }
    if (!allSent) {
      List<OutputLine> left = new ArrayList<>(writer.unsent());
      left.addAll(queue.drain());
      for (OutputLine line : left) {
        line.writeTo(unwritten);
      }
      LOG.warn("nobody has taken {} lines, which are written here", left.size());
    }
    if (refused > 0) {
      LOG.warn("{} lines were refused, which are written here", refused);
    }
    unwritten.flush();
    return code;
  }

  private void refuse(OutputLine line) {
    refused++;
    try {
      line.writeTo(unwritten);
    } catch (IOException e) {
      LOG.warn("a line that was refused cannot be written here either: {}", e.toString());
    }
  }
}
