package org.vmlog.intake;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.time.InstantSource;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.DatagramListener.Received;
import org.vmlog.platform.Faults;
import org.vmlog.platform.LimitedLog;
import org.vmlog.record.Channel;
import org.vmlog.record.LogEntry;
import org.vmlog.record.SyslogParser;
import org.vmlog.route.DropReason;
import org.vmlog.route.LogPipe;
import org.vmlog.route.Route;

/**
 * One VM's datagram socket, on which its VMM logs as programs log to /dev/log. The socket is the
 * identity: what a line says of itself is content.
 *
 * <p>A datagram has no answer that could be delayed, so a full pipe leaves the socket unread and
 * the VMM finds its queue full, for as long as a guest's response would be delayed; from then on
 * what comes is counted as dropped until there is room. Confined to the thread of {@link
 * VmmSockets}.
 */
final class VmmSocket implements Closeable {
  /** Datagrams read in one go before another socket has its turn. */
  private static final int TURN = 64;

  /**
   * Turns that a socket has when it closes: more than the kernel queues for it
   * (net.unix.max_dgram_qlen), but not for ever, since a VMM may go on sending.
   */
  private static final int LAST_TURNS = 16;

  private static final long PATIENCE_NANOS = RequestJob.PATIENCE.toNanos();
  private static final LimitedLog FAILED = LimitedLog.on(LoggerFactory.getLogger(VmmSocket.class));

  /** What all sockets of a thread share. */
  static final class Workspace {
    final ByteBuffer received = DatagramListener.newBuffer();
    final byte[] datagram = SyslogParser.newMessage();
    final LogEntry entry = new LogEntry();
    final Rendering rendering = new Rendering();
    final SyslogParser parser;
    final InstantSource clock;
    final IntakeCounters counters;

    Workspace(SyslogParser parser, InstantSource clock, IntakeCounters counters) {
      this.parser = parser;
      this.clock = clock;
      this.counters = counters;
    }
  }

  private final DatagramListener listener;
  private final Route route;
  private final Workspace workspace;
  private final Runnable roomAgain;

  /** What the pipe did not take, in order; while there is some nothing is read. */
  private final ArrayDeque<Chunk> parked = new ArrayDeque<>(2);

  private long parkedSince;
  private boolean impatient;

  /** Whether the datagram that was parsed last has a message. */
  private boolean says;

  private boolean closing;
  private int emptyAtTheEnd;

  /**
   * Makes a socket's reader.
   *
   * @param roomAgain has {@link #read} called on the sockets' thread; called on any
   */
  VmmSocket(DatagramListener listener, Route route, Workspace workspace, Runnable roomAgain) {
    this.listener = listener;
    this.route = route;
    this.workspace = workspace;
    this.roomAgain = roomAgain;
  }

  /** Reads what waits, a turn of it. */
  void read(SelectionKey key) {
    if (handOverParked()) {
      readTurn();
    }
    if (key.isValid()) {
      key.interestOps(isStalled() ? 0 : SelectionKey.OP_READ);
    }
  }

  /** Whether nothing is read for now because the pipe is full. */
  boolean isStalled() {
    return !parked.isEmpty();
  }

  /** Reads what waits for the last time, dropping what finds no room. */
  void drain() {
    closing = true;
    boolean more = handOverParked();
    for (int turn = 0; more && turn < LAST_TURNS; turn++) {
      more = readTurn(); // what a VMM says last, as it goes down, is what people look for
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }

  @Override
  public String toString() {
    return listener.toString();
  }

  /** False when the socket is read empty. */
  private boolean readTurn() {
    Rendering rendering = workspace.rendering;
    rendering.begin(workspace.clock.instant());
    boolean more = true;
    for (int i = 0; i < TURN && more && !isStalled(); i++) {
      more = receive();
      if (more) {
        contain(() -> render(rendering));
      }
    }
    handOver(rendering);
    return more && !isStalled();
  }

  private void render(Rendering rendering) {
    if (!rendering.add(workspace.entry, Channel.VMM, route)) {
      handOver(rendering);
      rendering.begin(workspace.clock.instant());
      rendering.add(workspace.entry, Channel.VMM, route);
    }
  }

  /** What cannot be read because of a fault of ours is counted, and what comes next is read. */
  private boolean contain(Runnable work) {
    boolean done = Faults.contain(listener, work);
    if (!done) {
      route.pipe().drop(DropReason.MALFORMED, 1, null);
    }
    return done;
  }

  /** Fills the entry with the next datagram that says something; false when none waits. */
  private boolean receive() {
    try {
      while (true) {
        Received received = listener.receive(workspace.received);
        if (received == Received.NOTHING) {
          if (closing && emptyAtTheEnd++ < TURN * LAST_TURNS && listener.waits()) {
            continue; // it was an empty one; before the end, the selector says so as well
          }
          return false;
        }
        workspace.counters.datagrams().increment();
        int length = copy(received == Received.TRUNCATED);
        if (contain(() -> parse(length)) && says) {
          return true;
        }
      }
    } catch (IOException e) {
      FAILED.warn("cannot read {}: {}", listener, e.toString());
      return false;
    }
  }

  private void parse(int length) {
    says =
        workspace.parser.parse(
            workspace.datagram, 0, length, workspace.clock.instant(), workspace.entry);
  }

  private int copy(boolean truncated) {
    byte[] datagram = workspace.datagram;
    int length = workspace.received.remaining();
    workspace.received.get(datagram, 0, length);
    return truncated ? SyslogParser.markCut(datagram, length) : length;
  }

  private void handOver(Rendering rendering) {
    if (rendering.records() == 0) {
      return;
    }
    Chunk chunk = Chunk.of(rendering);
    rendering.appendCopies(route, chunk.counts);
    if (isStalled()) {
      parked.addLast(chunk.kept());
    } else {
      DropReason refusal = offer(chunk);
      if (refusal == null) {
        impatient = false;
      } else if (impatient || closing) {
        route.pipe().drop(refusal, chunk.records(), null);
      } else {
        parked.addLast(chunk.kept());
        parkedSince = System.nanoTime();
        var unused = route.pipe().whenRoom(chunk.length, chunk.records(), roomAgain);
      }
    }
    rendering.begin(workspace.clock.instant());
  }

  /** True when nothing is parked any more. */
  private boolean handOverParked() {
    while (isStalled()) {
      Chunk chunk = parked.getFirst();
      DropReason refusal = offer(chunk);
      if (refusal != null) {
        if (!closing && System.nanoTime() - parkedSince < PATIENCE_NANOS) {
          return false; // whoever called does so again, before long
        }
        impatient = true;
        route.pipe().drop(refusal, chunk.records(), null);
      }
      parked.removeFirst();
    }
    return true;
  }

  /** Why the pipe does not take the chunk; null when it has, or is closed. */
  private @Nullable DropReason offer(Chunk chunk) {
    LogPipe pipe = route.pipe();
    return switch (pipe.append(chunk.lines, 0, chunk.length, chunk.counts, null)) {
      case TAKEN -> {
        if (chunk.cuts > 0) {
          pipe.drop(DropReason.LINE_CUT, chunk.cuts, null);
        }
        yield null;
      }
      case FULL -> DropReason.PIPE_FULL;
      case OVER_RATE -> DropReason.RATE_LIMIT;
      case CLOSED -> {
        FAILED.warn("{} lines came to {} when its log was closed", chunk.records(), listener);
        yield null;
      }
    };
  }
}
