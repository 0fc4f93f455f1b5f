package org.vmlog.platform;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager how the daemon is, by datagrams to {@code $NOTIFY_SOCKET},
 * sd_notify(3). When nobody asked to be told, the first {@link #ready} prints a line {@code ready}
 * to stderr, for the person or the test that started the program.
 *
 * <p>Never throws: a manager that cannot be told is logged, and the work goes on. Thread-safe.
 */
public final class ServiceManager {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

  private final Optional<String> notifySocket;
  private final Optional<Duration> watchdogInterval;
  private final PrintStream stderr;
  private final AtomicBoolean readySaid = new AtomicBoolean();

  private ServiceManager(
      Optional<String> notifySocket, Optional<Duration> watchdogInterval, PrintStream stderr) {
    this.notifySocket = notifySocket;
    this.watchdogInterval = watchdogInterval;
    this.stderr = stderr;
  }

  /** The manager that an environment names. */
  public static ServiceManager of(Map<String, String> environment) {
    return of(environment, System.err);
  }

  static ServiceManager of(Map<String, String> environment, PrintStream stderr) {
    String address = environment.getOrDefault("NOTIFY_SOCKET", "");
    boolean known = address.startsWith("/") || address.startsWith("@");
    if (!known && !address.isEmpty()) {
      LOG.warn(
          "$NOTIFY_SOCKET = {}: expected an absolute path, or @ and an abstract name", address);
    }
    return new ServiceManager(
        known ? Optional.of(address) : Optional.empty(), watchdogInterval(environment), stderr);
  }

  /** sd_watchdog_enabled(3). */
  private static Optional<Duration> watchdogInterval(Map<String, String> environment) {
    String pid = environment.getOrDefault("WATCHDOG_PID", "");
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    boolean ours = pid.isEmpty() || pid.equals(Long.toString(ProcessHandle.current().pid()));
    if (micros.isEmpty() || !ours) {
      return Optional.empty();
    }
    try {
      long interval = Long.parseLong(micros);
      return interval > 0
          ? Optional.of(Duration.of(interval, ChronoUnit.MICROS))
          : Optional.empty();
    } catch (NumberFormatException e) {
      LOG.warn("$WATCHDOG_USEC = {}: expected a number of microseconds", micros);
      return Optional.empty();
    }
  }

  /** Within which the manager wants to hear {@link #alive}, or it ends and restarts the daemon. */
  public Optional<Duration> watchdogInterval() {
    return watchdogInterval;
  }

  /** The daemon does its work. */
  public void alive() {
    send("WATCHDOG=1");
  }

  /** Start-up is finished, or a reload that {@link #reloading} began. */
  public void ready() {
    if (notifySocket.isPresent()) {
      send("READY=1");
    } else if (readySaid.compareAndSet(false, true)) {
      stderr.println("ready");
    }
  }

  /** The configuration is being read again; {@link #ready} ends it. */
  public void reloading() {
    // The manager compares this with its own CLOCK_MONOTONIC, the clock behind nanoTime on Linux.
    send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
  }

  /** Shutdown has begun. */
  public void stopping() {
    send("STOPPING=1");
  }

  /** One line on what the daemon is doing, for {@code systemctl status}. */
  public void status(String line) {
    StringBuilder text = new StringBuilder("STATUS=");
    OneLine.append(text, line); // A newline would begin another assignment.
    send(text.toString());
  }

  private void send(String state) {
    if (notifySocket.isEmpty()) {
      return;
    }
    String address = notifySocket.get();
    try (AFUNIXDatagramChannel channel = AFUNIXDatagramChannel.open()) {
      channel.connect(parse(address));
      channel.write(ByteBuffer.wrap(state.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      LOG.warn("$NOTIFY_SOCKET = {}: cannot send {} to it", address, state, e);
    }
  }

  private static AFUNIXSocketAddress parse(String address) throws IOException {
    byte[] bytes = address.getBytes(StandardCharsets.UTF_8);
    if (bytes[0] == '@') {
      bytes[0] = 0; // The abstract namespace, unix(7).
    }
    return AFUNIXSocketAddress.of(bytes);
  }
}
