package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.Channel;
import org.vmlog.wire.MessageReader.RefusedException;

/**
 * A call of one of {@code vm_tools.LogCollector}'s unary methods: its request is handed over when
 * the peer has said all, and answered whenever that is done. What the request takes is charged
 * until then, also if the peer gives it up. Confined to the connection's event loop; the reply may
 * come from any thread.
 */
final class CollectCall extends Call implements Reply {
  /** What is kept of a request beside its bytes while it waits for its answer: an estimate. */
  private static final int WAITING_BYTES = 1 << 10;

  /** What it then keeps of a connection that is gone, with HTTP/2's state: an estimate. */
  private static final int GONE_BYTES = 16 << 10;

  private final Channel channel;
  private long peersTurnNanos = System.nanoTime() | 1;
  private byte @Nullable [] request;
  private boolean handedOver;
  private boolean replied;

  CollectCall(GuestConnection connection, Http2Stream stream, CallHead head, Channel channel) {
    super(connection, stream, head, Refusal.TOO_LARGE);
    this.channel = channel;
  }

  @Override
  int read(ByteBuf data) throws RefusedException {
    int bytes = data.readableBytes();
    while (data.isReadable() && !isAnswered()) {
      byte[] message = messages.read(data);
      if (message != null && request != null) {
        request = null;
        cancel(); // as gRPC does with a second message
        return bytes;
      }
      request = message == null ? request : message;
    }
    return bytes;
  }

  @Override
  void halfClosed() {
    if (isAnswered()) {
      return;
    }
    byte[] whole = request;
    request = null; // the call may live long while it waits for its answer; its bytes need not
    if (whole == null || messages.isWithin()) {
      refuse(
          Refusal.MALFORMED,
          messages.isWithin() ? "the LogRequest is cut off" : "no LogRequest in the call");
      return;
    }
    peersTurnNanos = 0;
    handedOver = true;
    charge.owe(WAITING_BYTES);
    connection.service().collect(channel, whole, this);
  }

  @Override
  void closed() {
    messages.end();
    if (!handedOver) {
      request = null;
      charge.release();
    } else if (!replied) {
      charge.owe(GONE_BYTES); // until it is answered all the same
    }
  }

  @Override
  void end(GrpcStatus status, String reason) {
    if (!isAnswered()) {
      request = null;
      super.end(status, reason);
      charge.release();
      peersTurnNanos = System.nanoTime() | 1;
    }
  }

  @Override
  public void ok() {
    connection.onLoop(this, null, "");
  }

  @Override
  public void refuse(Refusal refusal, String reason) {
    connection.onLoop(this, refusal, reason);
  }

  /** The answer, on the event loop. */
  void answer(@Nullable Refusal refusal, String reason) {
    replied = true;
    if (refusal != null) {
      super.refuse(refusal, reason);
    } else if (!isAnswered()) {
      connection.sendEmptyMessage(stream);
      end(GrpcStatus.OK, "");
    }
    charge.release(); // also if nobody waits for the answer any more
  }

  @Override
  public long peersTurnNanos() {
    return peersTurnNanos;
  }

  @Override
  public void timedOut() {
    if (!handedOver) {
      super.refuse(Refusal.TOO_SLOW, "the request did not arrive in time");
    }
  }
}
