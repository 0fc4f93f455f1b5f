package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The timers of one connection, which end with it. A timer that still ran would keep the connection
 * in memory until it fires, and a peer that connects again and again could fill the heap with its
 * dead connections. Confined to the connection's event loop.
 */
final class ConnectionTimers {
  private final Channel channel;
  private final List<Future<?>> timers = new ArrayList<>(2);
  private boolean ended;

  ConnectionTimers(Channel channel) {
    this.channel = channel;
  }

  /** Runs a task after a while, unless the connection is gone or the timer is cancelled by then. */
  Future<?> after(Duration delay, Runnable task) {
    Future<?> timer = channel.eventLoop().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    timers.removeIf(Future::isDone);
    timers.add(timer);
    if (ended) {
      end();
    }
    return timer;
  }

  /** The connection is gone. */
  void end() {
    ended = true;
    for (Future<?> timer : timers) {
      boolean unused = timer.cancel(false);
    }
    timers.clear();
  }
}
