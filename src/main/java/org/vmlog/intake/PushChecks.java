package org.vmlog.intake;

import org.vmlog.record.Channel;
import org.vmlog.record.PushMessage;
import org.vmlog.sink.StreamId;

/** What a Push's messages may say, as {@code log_stream.proto} has it. Thread-safe. */
final class PushChecks {
  private static final int USER = 0;
  private static final int KERNEL = 1;

  private PushChecks() {}

  /** The stream that a Push's first message names. */
  static StreamId stream(PushMessage first) throws InvalidPushException {
    if (first.hasBatch() || first.firstSeq() != 0) {
      throw new InvalidPushException(
          "the first message has first_seq %s and %s; allowed is a stream_id alone"
              .formatted(
                  Long.toUnsignedString(first.firstSeq()),
                  first.hasBatch() ? "a batch" : "no batch"));
    }
    try {
      return new StreamId(first.streamId());
    } catch (IllegalArgumentException e) {
      throw new InvalidPushException("the first message's " + e.getMessage());
    }
  }

  /**
   * Checks the head of any later message.
   *
   * @param last the number of the batch before's last record
   */
  static void checkHead(PushMessage message, long last) throws InvalidPushException {
    if (message.streamId().length > 0) {
      throw new InvalidPushException(
          "a stream_id of %s bytes after the first message; allowed is none"
              .formatted(message.streamId().length));
    }
    if (!message.hasBatch()) {
      throw new InvalidPushException("a message without a batch; allowed is one with records");
    }
    if (message.firstSeq() <= 0) {
      throw outOfRange(message.firstSeq(), 1);
    }
    if (message.firstSeq() <= last) {
      throw new InvalidPushException(
          "first_seq %s after a batch that ended with %s; allowed is what comes after that"
              .formatted(message.firstSeq(), last));
    }
  }

  static Channel channel(PushMessage message) throws InvalidPushException {
    return switch (message.channel()) {
      case USER -> Channel.USER;
      case KERNEL -> Channel.KERNEL;
      default ->
          throw new InvalidPushException(
              "channel %s; allowed are USER (%s) and KERNEL (%s)"
                  .formatted(message.channel(), USER, KERNEL));
    };
  }

  /** The number of a batch's last record. */
  static long lastSeq(long firstSeq, int records) throws InvalidPushException {
    if (records == 0) {
      throw new InvalidPushException("a batch without records; allowed is one with some");
    }
    if (firstSeq > Long.MAX_VALUE - (records - 1)) {
      throw outOfRange(firstSeq, records);
    }
    return firstSeq + records - 1;
  }

  private static InvalidPushException outOfRange(long firstSeq, int records) {
    return new InvalidPushException(
        "first_seq %s with %s or more records; allowed are numbers from 1 to %s"
            .formatted(Long.toUnsignedString(firstSeq), records, Long.MAX_VALUE));
  }
}
