package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.vmlog.identity.SourceIdentity;

/**
 * A connection's remote address, which carries who is there. gRPC hands a transport's remote
 * address to the service untouched, so the identity that was fixed at accept arrives with every
 * call, and no look-up can get it wrong. Immutable.
 */
final class PeerAddress extends SocketAddress implements Transport {
  private static final long serialVersionUID = 1L;

  private final transient SourceIdentity source;
  private final transient Channel channel;
  private final transient OpenPushes pushes = new OpenPushes();

  PeerAddress(SourceIdentity source, Channel channel) {
    this.source = source;
    this.channel = channel;
  }

  SourceIdentity source() {
    return source;
  }

  /** Only on the connection's event loop. */
  OpenPushes pushes() {
    return pushes;
  }

  @Override
  public void execute(Runnable task) {
    try {
      channel.eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      // The loops end with the server, and with them every connection the task could be for.
    }
  }

  /** Runs a task on the connection's event loop after a while, unless that has ended by then. */
  Future<?> schedule(Runnable task, Duration delay) {
    return channel.eventLoop().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Closes the connection, in good order if the peer goes along with it within the grace. */
  void abort(Duration grace) {
    close();
    var unused = schedule(() -> channel.unsafe().closeForcibly(), grace);
  }

  @Override
  public void close() {
    execute(pushes::goingAway);
    // Through the pipeline: the HTTP/2 handler there says GOAWAY first.
    var unused = channel.close();
  }

  @Override
  public String toString() {
    return source.toString();
  }
}
