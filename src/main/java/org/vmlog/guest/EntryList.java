package org.vmlog.guest;

import java.util.Arrays;

/** Entries in the order in which they are sent: where each of them lies. Confined to one thread. */
final class EntryList {
  private static final int INITIAL = 16;

  private Segment[] segments = new Segment[INITIAL];
  private int[] places = new int[INITIAL];
  private int size;

  void add(Segment segment, int at) {
    if (size == places.length) {
      segments = Arrays.copyOf(segments, 2 * size);
      places = Arrays.copyOf(places, 2 * size);
    }
    segments[size] = segment;
    places[size] = at;
    size++;
  }

  int size() {
    return size;
  }

  Segment segment(int index) {
    return segments[index];
  }

  /** Where in its segment it lies. */
  int place(int index) {
    return places[index];
  }

  /** How many bytes they have together. */
  int length() {
    int length = 0;
    for (int i = 0; i < size; i++) {
      length += segments[i].length(places[i]);
    }
    return length;
  }

  /** Says of entries that are in no queue that they need not be sent. */
  void finishAll() {
    for (int i = 0; i < size; i++) {
      boolean unused = segments[i].finish(places[i]);
    }
  }
}
