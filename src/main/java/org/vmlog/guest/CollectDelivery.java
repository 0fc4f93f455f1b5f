package org.vmlog.guest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.Channel;
import org.vmlog.wire.Answer;
import org.vmlog.wire.HostConnection;

/**
 * Delivers by vm_tools.LogCollector, which every host knows: one request of each channel under way.
 * After a failure one request of each may be at the host twice. Confined to the event loop.
 */
final class CollectDelivery implements Delivery {
  private final HostConnection connection;
  private final RecordBuffer buffer;
  private final Refusals refusals;
  private final Listener listener;
  private final Lane user;
  private final Lane kernel;
  private @Nullable Answer failure;

  /**
   * @param again is sent before anything else
   */
  CollectDelivery(
      HostConnection connection,
      RecordBuffer buffer,
      Refusals refusals,
      Collection<Batch> again,
      Listener listener) {
    this.connection = connection;
    this.buffer = buffer;
    this.refusals = refusals;
    this.listener = listener;
    this.user = new Lane(Channel.USER, again);
    this.kernel = new Lane(Channel.KERNEL, again);
    connection.onLost(this::lost);
  }

  @Override
  public void pump(boolean everything) {
    kernel.pump(everything);
    user.pump(everything);
  }

  @Override
  public OptionalLong waitingSince() {
    return LongStream.concat(user.waitingSince().stream(), kernel.waitingSince().stream())
        .reduce((one, other) -> one - other < 0 ? one : other); // System.nanoTime may overflow
  }

  /** One channel's requests, one after the other. */
  private final class Lane {
    private final Channel channel;
    private final Deque<Batch> again = new ArrayDeque<>();
    private @Nullable Batch underWay;
    private long sentNanos;

    Lane(Channel channel, Collection<Batch> all) {
      this.channel = channel;
      all.stream().filter(batch -> batch.channel() == channel).forEach(again::add);
    }

    void pump(boolean everything) {
      if (underWay != null || failure != null) {
        return;
      }
      Batch batch = again.pollFirst();
      if (batch == null && (everything || buffer.nanosLeft(channel) <= 0)) {
        batch = buffer.take(channel, refusals.maxBatchBytes());
      }
      if (batch != null) {
        Batch sent = batch;
        underWay = sent;
        sentNanos = System.nanoTime();
        connection.collect(channel, sent.request(), answer -> answered(sent, answer));
      }
    }

    OptionalLong waitingSince() {
      return underWay == null ? OptionalLong.empty() : OptionalLong.of(sentNanos);
    }

    private void answered(Batch batch, Answer answer) {
      underWay = null;
      switch (answer.verdict()) {
        case OK -> {
          buffer.finish(batch);
          refusals.accepted();
        }
        case REFUSED -> {
          List<Batch> instead = refusals.insteadOf(batch, answer.reason());
          for (int i = instead.size() - 1; i >= 0; i--) {
            again.addFirst(instead.get(i));
          }
          if (instead.contains(batch) && instead.size() == 1) {
            failure = answer; // tried again on another connection, after a while
          }
        }
        case UNKNOWN_METHOD, FAILED -> {
          again.addFirst(batch);
          failure = answer;
        }
      }
      settled();
    }
  }

  /** Also when nothing is under way: the next connection may be to a host that knows more. */
  private void lost() {
    if (failure == null) {
      failure = Answer.LOST;
      settled();
    }
  }

  /** A failure of one channel is the connection's; the other's request is waited for. */
  private void settled() {
    if (failure == null) {
      listener.onProgress();
    } else if (user.underWay == null && kernel.underWay == null) {
      List<Batch> unsent = new ArrayList<>(kernel.again);
      unsent.addAll(user.again);
      listener.onEnd(failure, List.of(), unsent);
    }
  }
}
