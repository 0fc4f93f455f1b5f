package org.vmlog.guest;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.GuestConfig;
import org.vmlog.record.Channel;
import org.vmlog.record.LogEntry;
import org.vmlog.record.RecordEncoder;

/**
 * Every record between the source it came from and the host's word that it has it.
 *
 * <p>There is a queue for each channel and severity. Records are numbered as they arrive, and are
 * taken in that order, by looking which queue's first is the oldest; and when there is no room, the
 * oldest of the least severe is dropped, which is a queue's first as well. When everything that
 * waits is more severe than what comes, it is itself dropped. What is under way to the host never
 * is, since nobody could say whether it arrived.
 *
 * <p>What was dropped is counted, and told in a record in front of the next that is sent.
 *
 * <p>Thread-safe, and the one hand-over between the sources, which offer and never wait, and the
 * event loop, which takes and finishes.
 */
final class RecordBuffer {
  /** How many numbers may be left out in front of a batch, less one; a power of two, less one. */
  private static final long MAX_GAP = (1 << 24) - 1;

  private final SegmentStore store;
  private final OwnRecords ownRecords;
  private final LongSupplier nanoTime;
  private volatile Runnable onWork = () -> {};

  @GuardedBy("this")
  private final RecordQueues queues;

  @GuardedBy("this")
  private final Ledger ledger;

  @GuardedBy("this")
  private final FlushClock userClock;

  @GuardedBy("this")
  private final FlushClock kernelClock;

  @GuardedBy("this")
  private final Drops noRoom = new Drops("for want of room");

  @GuardedBy("this")
  private final Drops refused = new Drops("by the host's refusal");

  @GuardedBy("this")
  private final RecordEncoder encoder = new RecordEncoder();

  @GuardedBy("this")
  private long lastArrival;

  @GuardedBy("this")
  private long lastNumber;

  /**
   * An empty buffer.
   *
   * @param bookmark is set to where the kernel's log is to be gone on from after a crash
   * @param nanoTime monotonic
   */
  RecordBuffer(
      SegmentStore store,
      GuestConfig.Flush flush,
      KernelBookmark bookmark,
      OwnRecords ownRecords,
      LongSupplier nanoTime) {
    this.store = store;
    this.ownRecords = ownRecords;
    this.nanoTime = nanoTime;
    this.queues = new RecordQueues(store);
    this.ledger = new Ledger(bookmark, store.isDurable());
    this.userClock = new FlushClock(flush, nanoTime);
    this.kernelClock = new FlushClock(flush, nanoTime);
  }

  /** Sets what is called when there is something to send, or sooner than was said before. */
  void onWork(Runnable listener) {
    onWork = listener;
  }

  /**
   * Takes over what an earlier process left; before anything else.
   *
   * @param sameStream whether the numbers that the records have are this stream's
   * @return whether they still are; if not, they have none any more
   */
  synchronized boolean restore(List<Segment> segments, boolean sameStream) {
    Recovery recovery = new Recovery(queues, store);
    recovery.restore(segments);
    for (QueueId id : QueueId.ALL) {
      if (queues.get(id).records() > 0) {
        ledger.came(id.channel(), queues.get(id).records());
        boolean unused = clock(id.channel()).add(recovery.bytes(id), id.severity());
      }
    }
    lastArrival = recovery.lastArrival();
    if (sameStream && recovery.isInOrder()) {
      lastNumber = recovery.lastNumber();
      return true;
    }
    segments.forEach(Segment::clearNumbers);
    return false;
  }

  /**
   * Puts a record into the buffer.
   *
   * @param channel KERNEL or USER
   */
  void offer(Channel channel, LogEntry entry) {
    boolean tell;
    synchronized (this) {
      encoder.encode(entry);
      SeverityQueue queue = queues.get(channel, entry.severity());
      if (!makeRoom(queue)) {
        noRoom.count(entry.severity());
        return;
      }
      lastArrival++;
      queue.append(encoder, lastArrival);
      ledger.came(channel, 1);
      tell = clock(channel).add(encoder.length(), entry.severity());
    }
    if (tell) {
      onWork.run();
    }
  }

  @GuardedBy("this")
  private boolean makeRoom(SeverityQueue queue) {
    // Dropping may give back the very segment that was to be appended to, so it is asked anew.
    while (!store.has(queue.segmentsFor(encoder.length()))) {
      SeverityQueue victim = queues.leastSevere(queue.id().severity());
      if (victim == null) {
        return false;
      }
      int length = victim.drop();
      ledger.left(victim.id().channel(), 1);
      noRoom.count(victim.id().severity());
      clock(victim.id().channel()).remove(length);
    }
    return true;
  }

  @GuardedBy("this")
  private FlushClock clock(Channel channel) {
    return channel == Channel.KERNEL ? kernelClock : userClock;
  }

  /** The kernel's log has been put into the buffer up to the record with that number. */
  synchronized void kernelReadTo(long next) {
    ledger.kernelReadTo(next);
  }

  /** How long what waits on a channel may still wait; MAX_VALUE when nothing does. */
  synchronized long nanosLeft(Channel channel) {
    return clock(channel).nanosLeft();
  }

  /** Whether the host has everything that came, or knows that it was dropped. */
  synchronized boolean isEmpty() {
    return ledger.unfinished() == 0 && noRoom.isEmpty() && refused.isEmpty();
  }

  /** How many records the host does not have yet. */
  synchronized int unfinished() {
    return ledger.unfinished();
  }

  /**
   * Takes what waits on a channel, oldest first, to be sent.
   *
   * @param maxBytes of the request; a single record may be longer
   * @return null when nothing waits
   */
  synchronized @Nullable Batch take(Channel channel, int maxBytes) {
    return take(channel, Long.MAX_VALUE, maxBytes);
  }

  /** The same of the channel that has the oldest record, up to the first of the other channel. */
  synchronized @Nullable Batch takeOldest(int maxBytes) {
    long user = arrival(Channel.USER);
    long kernel = arrival(Channel.KERNEL);
    return user < kernel || hasToTell()
        ? take(Channel.USER, kernel, maxBytes)
        : take(Channel.KERNEL, user, maxBytes);
  }

  @GuardedBy("this")
  private long arrival(Channel channel) {
    SeverityQueue oldest = queues.oldest(channel);
    return oldest == null ? Long.MAX_VALUE : oldest.arrival();
  }

  @GuardedBy("this")
  private @Nullable Batch take(Channel channel, long before, int maxBytes) {
    EntryList entries = new EntryList();
    int records = 0;
    int bytes = 0;
    long nextNumber = 0;
    while (channel == Channel.USER && hasToTell()) {
      bytes += RecordEncoder.bytesInRequest(tell(entries));
      records++;
    }
    SeverityQueue queue = queues.oldest(channel);
    while (queue != null && queue.arrival() < before) {
      int inRequest = RecordEncoder.bytesInRequest(queue.length());
      // A record that an earlier process sent has its number, and begins or goes on a run of them.
      long number = queue.number();
      if (records > 0 && (bytes + inRequest > maxBytes || number != nextNumber)) {
        break;
      }
      nextNumber = number == 0 ? 0 : number + 1;
      clock(channel).remove(queue.take(entries));
      bytes += inRequest;
      records++;
      queue = queues.oldest(channel);
    }
    return records == 0 ? null : new Batch(channel, entries, records, bytes);
  }

  /**
   * Whether drops are to be told now: they get the next number, so not before what an earlier
   * process has given lower ones.
   */
  @GuardedBy("this")
  private boolean hasToTell() {
    return !(noRoom.isEmpty() && refused.isEmpty())
        && !hasNumber(queues.oldest(Channel.USER))
        && !hasNumber(queues.oldest(Channel.KERNEL));
  }

  private static boolean hasNumber(@Nullable SeverityQueue queue) {
    return queue != null && queue.number() != 0;
  }

  /** Makes a record that needs no room in the store. Answers its length. */
  @GuardedBy("this")
  private int tell(EntryList entries) {
    LogEntry entry = ownRecords.saying((noRoom.isEmpty() ? refused : noRoom).tell());
    encoder.encode(entry);
    Segment segment = Segment.detached(new QueueId(Channel.USER, entry.severity()));
    segment.append(encoder, 0, encoder.length(), lastArrival);
    entries.add(segment, Segment.first());
    ledger.came(Channel.USER, 1);
    return encoder.length();
  }

  /**
   * Gives the records of a batch numbers of the stream, unless they have theirs: the next ones
   * behind a gap, see {@link GuestStream}.
   */
  synchronized void number(Batch batch) {
    if (batch.firstNumber() != 0) {
      return;
    }
    lastNumber += nanoTime.getAsLong() & MAX_GAP;
    long number = lastNumber + 1;
    for (int i = 0; i < batch.entries(); i++) {
      batch.segment(i).setNumber(batch.place(i), number);
      number += batch.segment(i).goesOn(batch.place(i)) ? 0 : 1;
    }
    lastNumber += batch.records();
  }

  /** Begins a new stream: neither what waits nor what was sent has a number any more. */
  synchronized void forgetNumbers(Collection<Batch> sent) {
    lastNumber = 0;
    sent.forEach(Batch::clearNumbers);
    QueueId.ALL.forEach(id -> queues.get(id).clearNumbers());
  }

  /** Says that every number up to this one is used: the host has seen it. */
  synchronized void numberAfter(long number) {
    lastNumber = Math.max(lastNumber, number);
  }

  /** Lets go of records that the host has. */
  synchronized void finish(Batch batch) {
    for (int i = 0; i < batch.entries(); i++) {
      Segment segment = batch.segment(i);
      if (segment.isDetached()) {
        boolean unused = segment.finish(batch.place(i));
      } else {
        queues.get(segment.queue()).finish(segment, batch.place(i));
      }
    }
    ledger.left(batch.channel(), batch.records());
  }

  /** Lets go of a single record that the host will never take. */
  synchronized void finishRefused(Batch single) {
    refused.count(single.severity());
    finish(single);
  }
}
