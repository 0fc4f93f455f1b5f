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
  private final InboundWatch watch =
      new InboundWatch(channel, channel.eventLoop(), new SourceIdentity.Anonymous(7));

  @BeforeEach
  void begin() {
    watch.begin();
  }

  @Test
  void stop_ofAConnectionWithoutACall_leavesNoTimer() {
    assertThat(channel.runScheduledPendingTasks()).isPositive();

    watch.stop();

    assertThat(channel.runScheduledPendingTasks()).isEqualTo(NOTHING);
  }

  @Test
  void stop_ofAConnectionInACall_leavesNoTimer() {
    watch.began(new Waiting(0));

    watch.stop();

    assertThat(channel.runScheduledPendingTasks()).isEqualTo(NOTHING);
  }

  @Test
  void firstCall_thatDoesNotCome_closesTheConnection() {
    channel.advanceTimeBy(InboundWatch.FIRST_CALL.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();

    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void ended_afterTheLastCall_sweepsNoMore() {
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
