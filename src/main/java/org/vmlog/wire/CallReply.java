package org.vmlog.wire;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/** Answers a unary call. A call that was cancelled meanwhile swallows its answer. Thread-safe. */
final class CallReply implements Reply {
  private static final byte[] EMPTY_MESSAGE = {};

  private final ServerCall<byte[], byte[]> call;
  private final LogConnection connection;
  private final InboundBudget.Charge charge;
  private volatile long answeredNanos;

  /**
   * Makes the reply of a call that is still to be answered.
   *
   * @param connection is told of a refusal
   * @param charge of its request's memory, which the answer gives back
   */
  CallReply(
      ServerCall<byte[], byte[]> call, LogConnection connection, InboundBudget.Charge charge) {
    this.call = call;
    this.connection = connection;
    this.charge = charge;
  }

  @Override
  public void ok() {
    answered();
    if (!call.isCancelled()) {
      call.sendHeaders(new Metadata());
      call.sendMessage(EMPTY_MESSAGE);
      call.close(Status.OK, new Metadata());
    }
  }

  @Override
  public void refuse(Refusal refusal, String reason) {
    answered();
    Refusals.count(connection, refusal);
    if (!call.isCancelled()) {
      call.close(Refusals.status(refusal).withDescription(reason), new Metadata());
    }
  }

  private void answered() {
    charge.release();
    answeredNanos = System.nanoTime();
  }

  /** When the answer was given, by System.nanoTime; 0 before that. */
  long answeredNanos() {
    return answeredNanos;
  }
}
