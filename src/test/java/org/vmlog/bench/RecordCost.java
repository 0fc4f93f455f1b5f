package org.vmlog.bench;

import java.time.ZoneId;
import org.vmlog.record.Channel;
import org.vmlog.record.LineBuffer;
import org.vmlog.record.LineFormat;
import org.vmlog.record.LineRenderer;
import org.vmlog.record.LogEntry;
import org.vmlog.record.RequestCursor;
import org.vmlog.record.RequestException;
import org.vmlog.record.ScrubMode;
import org.vmlog.record.SourceLabel;

/**
 * What our own work on a record costs, with no gRPC, thread or file around it: walking the request,
 * scrubbing the content, rendering the line. Confined to one thread.
 */
final class RecordCost {
  private static final int RECORDS = 1000;
  private static final int ROUNDS = 40;
  private static final long ROUND_NANOS = 50_000_000;

  private final byte[] request = Requests.ofRecords(RECORDS);
  private final RequestCursor cursor = new RequestCursor(RECORDS);
  private final LogEntry entry = new LogEntry();
  private final LineRenderer renderer;
  private final SourceLabel label = SourceLabel.vm("bench", "vm0", 100);
  private final LineBuffer out = new LineBuffer(1 << 20);

  RecordCost(LineFormat format, ScrubMode scrub) {
    renderer = new LineRenderer(format, scrub, ZoneId.of("UTC"), 2);
  }

  /** Nanoseconds a record: the best of some rounds, which is the one nobody disturbed. */
  double nanosPerRecord() throws RequestException {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      best = Math.min(best, round());
    }
    return best;
  }

  private double round() throws RequestException {
    long start = System.nanoTime();
    long records = 0;
    long nanos = 0;
    while (nanos < ROUND_NANOS) {
      records += renderRequest();
      nanos = System.nanoTime() - start;
    }
    return (double) nanos / records;
  }

  private int renderRequest() throws RequestException {
    out.clear();
    cursor.start(request);
    while (cursor.next(entry)) {
      if (!renderer.render(entry, Channel.USER, label, out)) {
        throw new IllegalStateException("the buffer is too small");
      }
    }
    return cursor.recordsSeen();
  }
}
