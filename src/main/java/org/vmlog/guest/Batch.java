package org.vmlog.guest;

import org.vmlog.record.Channel;
import org.vmlog.record.LineBuffer;
import org.vmlog.record.PushMessages;
import org.vmlog.record.RecordEncoder;

/**
 * Records of one channel that are sent together. They stay in the buffer until the host has them,
 * and are encoded anew each time they are sent. Confined to the event loop; what the host has is
 * told to the {@link RecordBuffer}.
 */
final class Batch {
  private final Channel channel;
  private final EntryList entries;
  private int from;
  private final int end;
  private int records;
  private int requestBytes;

  /**
   * A batch of all records on a list.
   *
   * @param requestBytes what they take as a LogRequest
   */
  Batch(Channel channel, EntryList entries, int records, int requestBytes) {
    this(channel, entries, 0, entries.size(), records, requestBytes);
  }

  private Batch(
      Channel channel, EntryList entries, int from, int end, int records, int requestBytes) {
    this.channel = channel;
    this.entries = entries;
    this.from = from;
    this.end = end;
    this.records = records;
    this.requestBytes = requestBytes;
  }

  Channel channel() {
    return channel;
  }

  int records() {
    return records;
  }

  int requestBytes() {
    return requestBytes;
  }

  /** The number of its first record in the stream; 0 until it has one. */
  long firstNumber() {
    return entries.segment(from).number(entries.place(from));
  }

  /** The number of its last record. */
  long lastNumber() {
    return firstNumber() + records - 1;
  }

  /** Takes its numbers away, and those of all that lies beside it. */
  void clearNumbers() {
    for (int entry = from; entry < end; entry++) {
      entries.segment(entry).clearNumbers();
    }
  }

  /** When its first record came. */
  long arrival() {
    return entries.segment(from).arrival(entries.place(from));
  }

  /** Its records' severity, when it has one record. */
  int severity() {
    return entries.segment(from).queue().severity();
  }

  /** A serialized vm_tools.LogRequest. */
  byte[] request() {
    LineBuffer out = new LineBuffer(requestBytes);
    encode(out);
    return out.bytes();
  }

  /** A serialized vmlog.v1.PushRequest; the batch has its numbers. */
  byte[] pushRequest() {
    long first = firstNumber();
    LineBuffer out = new LineBuffer(PushMessages.batchMessageBytes(first, channel, requestBytes));
    PushMessages.beginBatch(out, first, channel, requestBytes);
    encode(out);
    return out.bytes();
  }

  private void encode(LineBuffer out) {
    int entry = from;
    while (entry < end) {
      int recordEnd = recordEnd(entry);
      RecordEncoder.beginRecord(out, recordLength(entry, recordEnd));
      for (; entry < recordEnd; entry++) {
        Segment segment = entries.segment(entry);
        int at = entries.place(entry);
        segment.copy(at, out.bytes(), out.position());
        out.position(out.position() + segment.length(at));
      }
    }
  }

  /** Where the record behind the one that begins at this entry begins. */
  private int recordEnd(int entry) {
    int at = entry;
    while (entries.segment(at).goesOn(entries.place(at))) {
      at++;
    }
    return at + 1;
  }

  private int recordLength(int entry, int recordEnd) {
    int length = 0;
    for (int i = entry; i < recordEnd; i++) {
      length += entries.segment(i).length(entries.place(i));
    }
    return length;
  }

  /** Takes the first {@code count} records, fewer than all, off this batch and makes them one. */
  Batch takeFirst(int count) {
    int entry = from;
    int bytes = 0;
    for (int i = 0; i < count; i++) {
      int recordEnd = recordEnd(entry);
      bytes += RecordEncoder.bytesInRequest(recordLength(entry, recordEnd));
      entry = recordEnd;
    }
    Batch first = new Batch(channel, entries, from, entry, count, bytes);
    from = entry;
    records -= count;
    requestBytes -= bytes;
    return first;
  }

  /** How many entries its records have: one each, or more for those longer than a page. */
  int entries() {
    return end - from;
  }

  /** The segment of an entry. */
  Segment segment(int entry) {
    return entries.segment(from + entry);
  }

  /** Where in its segment an entry is. */
  int place(int entry) {
    return entries.place(from + entry);
  }
}
