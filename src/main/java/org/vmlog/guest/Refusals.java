package org.vmlog.guest;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the record for which the host refuses a batch, by halves, so that no record can keep those
 * behind it from the host. What is refused alone, and is so again later, is dropped and counted.
 * Confined to the event loop.
 */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  /** A refusal may also be for want of memory, on a host that is busy with others. */
  private static final int ATTEMPTS = 3;

  private static final int MAX_BATCH_BYTES = 64 * 1024;
  private static final int MIN_BATCH_BYTES = 1024;

  private final RecordBuffer buffer;
  private int maxBatchBytes = MAX_BATCH_BYTES;
  private int attempts;

  Refusals(RecordBuffer buffer) {
    this.buffer = buffer;
  }

  /** How much a batch may have, by what the host has refused on this connection. */
  int maxBatchBytes() {
    return maxBatchBytes;
  }

  /** The next host may take more. */
  void connected() {
    maxBatchBytes = MAX_BATCH_BYTES;
  }

  /** The host has taken something. */
  void accepted() {
    attempts = 0;
  }

  /** What is to be sent in the place of a batch that was refused; the same to be sent later. */
  List<Batch> insteadOf(Batch refused, String reason) {
    if (refused.records() > 1) {
      maxBatchBytes = Math.max(MIN_BATCH_BYTES, refused.requestBytes() / 2);
      Batch first = refused.takeFirst(refused.records() / 2);
      return List.of(first, refused);
    }
    attempts++;
    if (attempts < ATTEMPTS) {
      return List.of(refused);
    }
    attempts = 0;
    LOG.warn("a record of {} bytes is dropped: {}", refused.requestBytes(), reason);
    buffer.finishRefused(refused);
    return List.of();
  }
}
