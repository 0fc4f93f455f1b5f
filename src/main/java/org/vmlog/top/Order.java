package org.vmlog.top;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingDouble;
import static java.util.Comparator.comparingLong;

import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** What rows can be sorted by: the most first, but for names. */
public enum Order {
  NAME('n', comparing((Row row) -> row.name().toString())),
  RECORDS(
      'r',
      comparingDouble(Row::recordsPerSecond)
          .thenComparingLong(row -> row.counts().records())
          .reversed()),
  BYTES(
      'b',
      comparingDouble(Row::bytesPerSecond)
          .thenComparingLong(row -> row.counts().bytes())
          .reversed()),
  DROPPED(
      'd',
      comparingLong((Row row) -> row.droppedNow().values().stream().mapToLong(n -> n).sum())
          .thenComparingLong(row -> row.counts().allDropped())
          .reversed()),
  USED('u', comparingLong((Row row) -> row.counts().used().orElse(-1)).reversed()),
  LAST('l', comparing((Row row) -> row.counts().lastWritten().orElse(Instant.MIN)).reversed());

  private final char key;
  private final Comparator<Row> comparator;

  Order(char key, Comparator<Row> comparator) {
    this.key = key;
    this.comparator = comparator.thenComparing(row -> row.name().toString());
  }

  Comparator<Row> comparator(boolean reversed) {
    return reversed ? comparator.reversed() : comparator;
  }

  /** As it is typed. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one of this key. */
  static Optional<Order> of(char key) {
    return Arrays.stream(values()).filter(order -> order.key == key).findFirst();
  }
}
