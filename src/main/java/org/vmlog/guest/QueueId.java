package org.vmlog.guest;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.Channel;

/**
 * Which queue a record is in. Immutable.
 *
 * @param channel KERNEL or USER
 * @param severity RFC 5424 number
 */
record QueueId(Channel channel, int severity) {
  static final int SEVERITIES = 8;

  /** How many there are. */
  static final int COUNT = 2 * SEVERITIES;

  private static final int TAG = 'Q' << 24;

  /** All of them, by their ordinals. */
  static final List<QueueId> ALL =
      IntStream.range(0, COUNT)
          .mapToObj(
              ordinal ->
                  new QueueId(
                      ordinal < SEVERITIES ? Channel.USER : Channel.KERNEL, ordinal % SEVERITIES))
          .toList();

  /** From 0, without gaps. */
  int ordinal() {
    return ordinal(channel, severity);
  }

  static int ordinal(Channel channel, int severity) {
    return (channel == Channel.KERNEL ? SEVERITIES : 0) + severity;
  }

  /** What stands for it in a page. */
  int tag() {
    return TAG | ordinal();
  }

  /** Answers null when this stands for none. */
  static @Nullable QueueId ofTag(int tag) {
    int ordinal = tag - TAG;
    return ordinal >= 0 && ordinal < COUNT ? ALL.get(ordinal) : null;
  }
}
