package org.vmlog.intake;

import java.time.InstantSource;
import org.vmlog.record.Channel;
import org.vmlog.record.LogEntry;
import org.vmlog.record.RequestCursor;
import org.vmlog.record.RequestException;
import org.vmlog.route.Route;

/**
 * A LogRequest as chunks of rendered lines. Before the first chunk is given the whole request is
 * known to be well formed, so a malformed one leaves nothing behind. Confined to one thread.
 */
final class RequestChunks {
  private final RequestCursor cursor;
  private final Route route;
  private final Channel channel;
  private final InstantSource clock;
  private final LogEntry entry = new LogEntry();
  private boolean begun;
  private boolean entryWaits;
  private boolean counted;
  private final int maxRecords;
  private int total;
  private int beyond;
  private int given;

  /**
   * Begins before the first record that the cursor has not given yet.
   *
   * @param clock tells when a chunk was received
   * @param maxRecords how many records are given at most
   */
  RequestChunks(
      RequestCursor cursor, Channel channel, Route route, InstantSource clock, int maxRecords) {
    this.cursor = cursor;
    this.channel = channel;
    this.route = route;
    this.clock = clock;
    this.maxRecords = maxRecords;
  }

  /**
   * Renders the next chunk.
   *
   * @return false at the request's end; then nothing was rendered
   */
  boolean next(Rendering rendering) throws RequestException {
    if (!begun) {
      advance();
      begun = true;
    }
    if (!entryWaits || given == maxRecords) {
      return false;
    }
    rendering.begin(clock.instant());
    while (entryWaits
        && rendering.records() < maxRecords - given
        && rendering.add(entry, channel, route)) {
      advance();
    }
    if (!counted) {
      int all = rendering.records() + (entryWaits ? 1 + cursor.checkRest() : 0);
      total = Math.min(all, maxRecords);
      beyond = all - total;
      counted = true;
    }
    given += rendering.records();
    return true;
  }

  /** A record that does not say its time is of now. */
  private void advance() throws RequestException {
    entryWaits = cursor.next(entry);
    if (entryWaits && !cursor.isTimed()) {
      entry.at(clock.instant());
    }
  }

  /** How many records all chunks hold together; known with the first. */
  int total() {
    return total;
  }

  /** How many more there are than are given; known with the first. */
  int beyond() {
    return beyond;
  }

  /** How many records no chunk has held yet; known with the first. */
  int left() {
    return total - given;
  }
}
