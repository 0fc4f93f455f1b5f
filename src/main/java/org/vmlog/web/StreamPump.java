package org.vmlog.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/**
 * Carries what a {@link LogStream} reads to a page, for as long as that is there. Confined to the
 * connection's thread.
 */
final class StreamPump {
  private static final int MAX_ITEMS = 500;

  /** So that a page which has left is noticed while nothing is logged. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private final OutputStream out;
  private final StreamQueue queue = new StreamQueue();
  private final LogStream stream;
  private final StreamText text;

  StreamPump(WebLogs logs, StreamQuery query, OutputStream out) {
    this.out = out;
    this.stream = new LogStream(logs, query, queue);
    this.text = new StreamText(logs.zone());
  }

  /** Ends when the page has left, by an exception, or the stream does. */
  void run(ThreadFactory threads) throws IOException, InterruptedException {
    Thread reader = threads.newThread(stream);
    reader.start();
    try {
      write("retry: 1000\n\n");
      boolean over = false;
      while (!over) {
        List<StreamItem> items = queue.take(MAX_ITEMS, SILENCE);
        write(items.isEmpty() ? ":\n\n" : events(items));
        over = items.stream().anyMatch(StreamItem.Failed.class::isInstance);
      }
    } finally {
      stream.stop();
      reader.interrupt(); // it may be searching files that hold nothing of what was asked for
    }
  }

  /** An event ends where it says how far has been read. */
  private String events(List<StreamItem> items) {
    StringBuilder events = new StringBuilder();
    List<StreamItem> one = new ArrayList<>();
    for (StreamItem item : items) {
      one.add(item);
      if (item instanceof StreamItem.Reached) {
        events.append(text.event(one));
        one.clear();
      }
    }
    if (!one.isEmpty()) {
      events.append(text.event(one));
    }
    return events.toString();
  }

  private void write(String what) throws IOException {
    out.write(what.getBytes(UTF_8));
    out.flush();
  }
}
