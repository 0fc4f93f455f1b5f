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
  NAME('n'),
  RECORDS('r'),
  BYTES('b'),
  DROPPED('d'),
  USED('u'),
  LAST('l');

  private final char key;

  Order(char key) {
    this.key = key;
  }

  /** Rows of which this says the same are in the order of their names. */
  Comparator<Row> comparator(boolean reversed) {
    Comparator<Row> byName = comparing(row -> row.name().toString());
    Comparator<Row> order = this == NAME ? byName : leastFirst().reversed().thenComparing(byName);
    return reversed ? order.reversed() : order;
  }

  /** Where a rate says nothing, all that was counted does. */
  private Comparator<Row> leastFirst() {
    return switch (this) {
      case NAME -> throw new IllegalStateException("names are in their own order");
      case RECORDS ->
          comparingDouble(Row::recordsPerSecond).thenComparingLong(row -> row.counts().records());
      case BYTES ->
          comparingDouble(Row::bytesPerSecond).thenComparingLong(row -> row.counts().bytes());
      case DROPPED ->
          comparingLong((Row row) -> row.droppedNow().values().stream().mapToLong(n -> n).sum())
              .thenComparingLong(row -> row.counts().allDropped());
      case USED -> comparingLong(row -> row.counts().used().orElse(-1));
      case LAST -> comparing(row -> row.counts().lastWritten().orElse(Instant.MIN));
    };
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
