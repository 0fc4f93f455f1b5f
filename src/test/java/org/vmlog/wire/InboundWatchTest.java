package org.vmlog.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.SourceIdentity;

class InboundWatchTest {
  /** What {@link EmbeddedChannel#runScheduledPendingTasks} answers when nothing is scheduled. */
  private static final long NOTHING = -1;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final ConnectionTimers timers = new ConnectionTimers(channel);
  private final InboundWatch watch =
      new InboundWatch(channel, timers, new SourceIdentity.Anonymous(7));

  @BeforeEach
  void connected() {
    watch.connected();
  }

  @Test
  void timersEnd_ofAConnectionThatSaysNothing_leavesNone() {
    assertThat(channel.runScheduledPendingTasks()).isPositive();

    timers.end();

    assertThat(channel.runScheduledPendingTasks()).isEqualTo(NOTHING);
  }

  @Test
  void timersEnd_ofAConnectionWithoutACall_leavesNone() {
    watch.greeted();
    assertThat(channel.runScheduledPendingTasks()).isPositive();

    timers.end();

    assertThat(channel.runScheduledPendingTasks()).isEqualTo(NOTHING);
  }

  @Test
  void timersEnd_ofAConnectionInACall_leavesNone() {
    watch.greeted();
    watch.began(new Waiting(0));

    timers.end();

    assertThat(channel.runScheduledPendingTasks()).isEqualTo(NOTHING);
  }

  @Test
  void after_theConnectionHasEnded_leavesNoTimer() {
    timers.end();

    watch.abort();

    assertThat(channel.runScheduledPendingTasks()).isEqualTo(NOTHING);
  }

  @Test
  void handshake_thatDoesNotCome_closesTheConnection() {
    channel.advanceTimeBy(InboundWatch.HANDSHAKE.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();

    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void firstCall_thatDoesNotCome_closesTheConnection() {
    watch.greeted();
    channel.advanceTimeBy(InboundWatch.HANDSHAKE.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isTrue();

    channel.advanceTimeBy(InboundWatch.FIRST_CALL.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();

    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void ended_afterTheLastCall_sweepsNoMore() {
    watch.greeted();
    InboundWatch.Watched call = new Waiting(0);
    watch.began(call);
    watch.ended(call);
    channel.advanceTimeBy(InboundWatch.FIRST_CALL.toNanos(), TimeUnit.NANOSECONDS);

    assertThat(channel.runScheduledPendingTasks()).isEqualTo(NOTHING);
    assertThat(channel.isOpen()).isTrue();
  }

  /** A call of which it is ours to get on. */
  private record Waiting(long peersTurnNanos) implements InboundWatch.Watched {
    @Override
    public void timedOut() {
      throw new AssertionError("it was not the peer's turn");
    }

    @Override
    public boolean isPast(long nanos) {
      return false;
    }

    @Override
    public void abandoned() {
      throw new AssertionError("it has no deadline");
    }
  }
}
