package org.vmlog.realm.run;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.Threads;
import org.vmlog.record.Channel;
import org.vmlog.record.LineBuffer;
import org.vmlog.record.LogEntry;
import org.vmlog.record.RequestCursor;
import org.vmlog.record.RequestException;
import org.vmlog.record.ScrubMode;
import org.vmlog.record.Scrubber;
import org.vmlog.wire.FirstBytes;
import org.vmlog.wire.LogConnection;
import org.vmlog.wire.LogService;
import org.vmlog.wire.PushReceiver;
import org.vmlog.wire.PushReply;
import org.vmlog.wire.Reply;
import org.vmlog.wire.Transport;

/**
 * Shows what components log, a line for each record: the component's moniker, a colon, and what it
 * said, scrubbed. A request is answered when its lines have been written. Thread-safe: a thread of
 * its own writes.
 */
final class ShownLogs implements LogService, AutoCloseable {
  static final int MAX_CONNECTIONS = 256;

  private static final int MAX_RECORDS = 65_536;

  /** No byte becomes more than this many when it is scrubbed. */
  private static final int MAX_GROWTH = 4;

  private final PrintStream out;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Threads.named("vmlog-show"));
  private final Scrubber scrubber = Scrubber.of(ScrubMode.STANDARD);
  private final RequestCursor cursor = new RequestCursor(MAX_RECORDS); // confined to the thread
  private final LogEntry entry = new LogEntry(); // confined to the thread
  private final AtomicInteger connections = new AtomicInteger();

  ShownLogs(OutputStream out) {
    this.out = new PrintStream(out, false, StandardCharsets.UTF_8);
  }

  @Override
  public boolean hasRoomFor(SourceIdentity source) {
    return connections.get() < MAX_CONNECTIONS;
  }

  /** The log says so; nobody counts here. */
  @Override
  public void foreign(FirstBytes first) {}

  @Override
  public boolean admit(SourceIdentity source) {
    if (connections.incrementAndGet() <= MAX_CONNECTIONS) {
      return true;
    }
    connections.decrementAndGet();
    return false;
  }

  @Override
  public void left(SourceIdentity source) {
    connections.decrementAndGet();
  }

  @Override
  public LogConnection connected(SourceIdentity source, Transport transport) {
    String name =
        source instanceof SourceIdentity.Component component
            ? component.id().toString()
            : source.toString();
    return new LogConnection() {
      @Override
      public void collect(Channel channel, byte[] request, Reply reply) {
        thread.execute(() -> show(name, request, reply));
      }

      @Override
      public PushReceiver push(PushReply reply) {
        reply.refuse(Reply.Refusal.UNSUPPORTED, "what is shown is no stream's; use LogCollector");
        return PushReceiver.NONE;
      }

      @Override
      public void refused(Reply.Refusal refusal) {
        // The peer is told by who refused it.
      }

      @Override
      public void closed() {
        // Nothing was opened.
      }
    };
  }

  private void show(String name, byte[] request, Reply reply) {
    try {
      cursor.start(request);
      while (cursor.next(entry)) {
        out.print(name);
        out.print(": ");
        out.println(scrubbed());
      }
      if (out.checkError()) { // which flushes it
        reply.refuse(Reply.Refusal.UNAVAILABLE, "nobody reads what is shown any more");
      } else {
        reply.ok();
      }
    } catch (RequestException e) {
      reply.refuse(Reply.Refusal.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private String scrubbed() {
    int length = entry.contentLength();
    LineBuffer line = new LineBuffer(MAX_GROWTH * length + MAX_GROWTH);
    int unused = scrubber.scrub(entry.bytes(), entry.contentOffset(), length, line);
    return new String(line.bytes(), 0, line.position(), StandardCharsets.UTF_8);
  }

  /** Writes what has come, and ends. */
  @Override
  public void close() {
    thread.shutdown();
  }
}
