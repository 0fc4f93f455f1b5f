package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import org.vmlog.wire.MessageReader.RefusedException;
import org.vmlog.wire.Reply.Refusal;

/** One call of a method, on a stream of its own. Confined to the connection's event loop. */
abstract class Call implements InboundWatch.Watched {
  final GuestConnection connection;
  final Http2Stream stream;
  final RequestMemory.Charge charge;
  final MessageReader messages;

  /** When the peer does not wait any more, by System.nanoTime; 0 if it did not say. */
  final long deadlineNanos;

  private boolean answered;

  Call(GuestConnection connection, Http2Stream stream, CallHead head, Refusal whenFull) {
    this.connection = connection;
    this.stream = stream;
    this.charge = connection.newCharge();
    this.messages = new MessageReader(charge, connection.maxRequestBytes(), head.gzip(), whenFull);
    this.deadlineNanos = head.deadlineNanos();
  }

  /**
   * Bytes have come.
   *
   * @return how many of them the peer may send again; for the rest see {@link
   *     GuestConnection#consumed}
   */
  abstract int read(ByteBuf data) throws RefusedException;

  /** The peer has sent all that it wanted to. */
  abstract void halfClosed();

  /** The stream is gone, whoever ended it; nothing more is called. */
  abstract void closed();

  @Override
  public boolean isPast(long nanos) {
    return deadlineNanos != 0 && nanos - deadlineNanos >= 0;
  }

  @Override
  public void abandoned() {
    cancel();
  }

  /** Ends it without a word. */
  void cancel() {
    answered = true;
    connection.reset(stream, Http2Error.CANCEL);
  }

  /** See {@link Reply#hold}. */
  public boolean hold(int bytes) {
    return charge.take(bytes);
  }

  /** See {@link Reply#letGo}. */
  public void letGo(int bytes) {
    charge.give(bytes);
  }

  /** See {@link Reply#tooMuch}. */
  public String tooMuch(int bytes) {
    return charge.refusal(bytes);
  }

  boolean isAnswered() {
    return answered;
  }

  /** Refuses it, once, and has it counted. */
  void refuse(Refusal refusal, String reason) {
    if (!answered) {
      connection.refused(refusal, reason);
      end(status(refusal), reason);
    }
  }

  private static GrpcStatus status(Refusal refusal) {
    return switch (refusal) {
      case MALFORMED -> GrpcStatus.INVALID_ARGUMENT;
      case UNAVAILABLE -> GrpcStatus.UNAVAILABLE;
      case DENIED -> GrpcStatus.PERMISSION_DENIED;
      case TOO_LARGE -> GrpcStatus.RESOURCE_EXHAUSTED;
      case TOO_SLOW -> GrpcStatus.DEADLINE_EXCEEDED;
      case TAKEN_OVER -> GrpcStatus.ABORTED;
      case UNSUPPORTED -> GrpcStatus.UNIMPLEMENTED;
    };
  }

  /** Says how it ends, once. */
  void end(GrpcStatus status, String reason) {
    if (!answered) {
      answered = true;
      messages.end();
      connection.sendEnd(stream, status, reason);
    }
  }
}
