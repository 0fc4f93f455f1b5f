package org.vmlog.guest;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;
import org.vmlog.record.Channel;
import org.vmlog.record.PushMessages;
import org.vmlog.wire.Answer;
import org.vmlog.wire.HostConnection;

/**
 * Delivers by vmlog.v1.LogStream: numbered batches, as many under way as the window takes, and each
 * record once. It goes on from the number that the host names in its first answer. Confined to the
 * event loop.
 */
final class StreamDelivery implements Delivery, HostConnection.PushListener {
  private static final LimitedLog FAULTY =
      LimitedLog.on(LoggerFactory.getLogger(StreamDelivery.class));

  /** Numbered ones first, as their numbers say; those without get theirs in the same order. */
  private static final Comparator<Batch> BY_NUMBER =
      Comparator.comparing((Batch batch) -> batch.firstNumber() == 0)
          .thenComparingLong(Batch::firstNumber)
          .thenComparingLong(Batch::arrival);

  private final GuestStream stream;
  private final RecordBuffer buffer;
  private final Refusals refusals;
  private final int windowBytes;
  private final Listener listener;
  private final HostConnection.Push push;

  /** What was sent on an earlier connection, or is the rest of something refused. */
  private final Deque<Batch> again;

  private final Deque<Batch> sent = new ArrayDeque<>();
  private int sentBytes;
  private boolean cautious;
  private boolean open;
  private long answeredNanos = System.nanoTime();

  /**
   * Opens the stream.
   *
   * @param again is sent before anything else
   * @param cautious whether that is sent one batch at a time, to see which is refused
   * @param windowBytes of what is under way; one batch always may
   */
  StreamDelivery(
      HostConnection connection,
      GuestStream stream,
      RecordBuffer buffer,
      Refusals refusals,
      Collection<Batch> again,
      boolean cautious,
      int windowBytes,
      Listener listener) {
    this.stream = stream;
    this.buffer = buffer;
    this.refusals = refusals;
    this.cautious = cautious;
    this.windowBytes = windowBytes;
    this.listener = listener;
    this.again = new ArrayDeque<>(again.stream().sorted(BY_NUMBER).toList());
    this.push = connection.push(this);
    push.send(PushMessages.hello(stream.id()));
  }

  @Override
  public void pump(boolean everything) {
    cautious &= !(again.isEmpty() && sent.isEmpty());
    boolean due = everything || isDue();
    while (open && push.isReady() && hasWindow()) {
      Batch batch = again.pollFirst();
      if (batch == null && due) {
        batch = buffer.takeOldest(refusals.maxBatchBytes());
      }
      if (batch == null) {
        return;
      }
      if (sent.isEmpty()) {
        answeredNanos = System.nanoTime();
      }
      buffer.number(batch);
      sent.add(batch);
      sentBytes += batch.requestBytes();
      push.send(batch.pushRequest());
    }
  }

  @Override
  public OptionalLong waitingSince() {
    return open && sent.isEmpty() ? OptionalLong.empty() : OptionalLong.of(answeredNanos);
  }

  private boolean hasWindow() {
    return sent.isEmpty() || (sentBytes < windowBytes && !cautious);
  }

  private boolean isDue() {
    return buffer.nanosLeft(Channel.USER) <= 0 || buffer.nanosLeft(Channel.KERNEL) <= 0;
  }

  @Override
  public void onReady() {
    listener.onReady();
  }

  @Override
  public void onResponse(byte[] message) {
    long lastNumber;
    try {
      lastNumber = PushMessages.lastSeq(message);
    } catch (IOException e) {
      FAULTY.warn("the host sent no PushResponse: {}", e.toString());
      push.cancel("no PushResponse");
      return;
    }
    answeredNanos = System.nanoTime();
    if (!open && stream.isOfAnotherLife(lastNumber, again)) {
      beginAnother();
      return;
    }
    stream.settled(lastNumber);
    boolean any = settle(open ? sent : again, lastNumber);
    if (open) {
      sentBytes = sent.stream().mapToInt(Batch::requestBytes).sum();
    } else {
      open = true;
      buffer.numberAfter(lastNumber);
    }
    if (any) {
      refusals.accepted();
      listener.onProgress();
    } else {
      listener.onReady();
    }
  }

  /** Nothing that waits is taken for delivered; the next connection is of a new stream. */
  private void beginAnother() {
    try {
      stream.renew();
    } catch (IOException e) {
      FAULTY.warn("no id for a new stream, tried again: {}", e.toString());
    }
    buffer.forgetNumbers(again);
    push.cancel("this VM was set back to a snapshot, its records go on in a new stream");
  }

  /** Lets go of all records up to that number; answers whether there were any. */
  private boolean settle(Deque<Batch> batches, long lastNumber) {
    boolean any = false;
    Batch first = batches.peekFirst();
    while (first != null && first.firstNumber() != 0 && first.firstNumber() <= lastNumber) {
      any = true;
      if (lastNumber < first.lastNumber()) {
        buffer.finish(first.takeFirst((int) (lastNumber - first.firstNumber() + 1)));
        return true;
      }
      buffer.finish(first);
      batches.pollFirst();
      first = batches.peekFirst();
    }
    return any;
  }

  @Override
  public void onEnd(Answer answer) {
    open = false;
    listener.onEnd(answer, List.copyOf(sent), List.copyOf(again));
  }
}
