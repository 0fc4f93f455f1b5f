package org.vmlog.sink;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.DatagramSender;
import org.vmlog.platform.DatagramSender.Outcome;

/**
 * A log daemon of this host: each line is one datagram, without its newline.
 *
 * <p>A receiver that is slow, stopped, restarted or absent never holds up the caller for more than
 * a few milliseconds; what it does not take is to be offered again. An empty line is not sent.
 * Confined to the pipe's writer.
 */
abstract sealed class DatagramSink implements LineSink permits SyslogSink, JournalSink {
  private static final Logger LOG = LoggerFactory.getLogger(DatagramSink.class);

  private static final Duration SHORTEST_WAIT = Duration.ofMillis(5);
  private static final Duration LONGEST_WAIT_FULL = Duration.ofMillis(20);
  private static final Duration LONGEST_WAIT_ABSENT = Duration.ofSeconds(1);

  /**
   * The kernel queues 10 datagrams for a socket (net.unix.max_dgram_qlen), so even a fast receiver
   * needs a moment every 10 lines; to give up each time would cap it at 2000 lines a second.
   */
  private static final long PAUSE_NANOS = 50_000;

  private static final int MAX_PAUSES = 50;

  private final Path socket;
  final DatagramSender sender;
  private Duration wait = SHORTEST_WAIT;
  private boolean reachable = true;

  /** Whether anything was sent since the last pause: one is not worth it for a stopped receiver. */
  private boolean receiverMoves = true;

  /** Connects to nothing yet. */
  DatagramSink(Path socket) {
    this.socket = socket;
    this.sender = new DatagramSender(socket);
  }

  /** Sends a line that is not empty as one datagram, whatever it takes to make it fit. */
  abstract Outcome send(LineCursor line);

  @Override
  public final WriteResult write(ByteBuffer[] lines) {
    LineCursor cursor = new LineCursor(lines);
    long sent = 0;
    int pauses = 0;
    while (cursor.next()) {
      Outcome outcome = sendIfAny(cursor);
      if (outcome == Outcome.WOULD_BLOCK && receiverMoves && pauses < MAX_PAUSES) {
        pauses++;
        receiverMoves = false;
        LockSupport.parkNanos(PAUSE_NANOS);
        outcome = sendIfAny(cursor);
      }
      if (outcome != Outcome.SENT) {
        return later(sent, outcome);
      }
      sent += cursor.bytes();
      receiverMoves = true;
    }
    succeeded();
    return new WriteResult.Complete(sent);
  }

  @Override
  public final void reopen() {
    sender.close();
  }

  /** Never waits for a device, so it hangs with no other sink. */
  @Override
  public final Object device() {
    return this;
  }

  @Override
  public final void close() {
    sender.close();
  }

  private Outcome sendIfAny(LineCursor line) {
    return line.isEmpty() ? Outcome.SENT : send(line);
  }

  private WriteResult later(long sent, Outcome outcome) {
    if (sent > 0) {
      succeeded();
    }
    Duration now = wait;
    Duration longest = outcome == Outcome.WOULD_BLOCK ? LONGEST_WAIT_FULL : LONGEST_WAIT_ABSENT;
    wait = shorter(now.multipliedBy(2), longest);
    if (outcome == Outcome.UNREACHABLE && reachable) {
      reachable = false;
      LOG.warn("{} cannot be reached; goes on trying: {}", socket, sender.failure());
    }
    return new WriteResult.TryLater(sent, shorter(now, longest));
  }

  private void succeeded() {
    wait = SHORTEST_WAIT;
    if (!reachable) {
      reachable = true;
      LOG.info("{} is reached again", socket);
    }
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
