package org.vmlog.intake;

import org.vmlog.metrics.LabelledCounter;
import org.vmlog.record.Channel;
import org.vmlog.wire.LogConnection;
import org.vmlog.wire.PushReceiver;
import org.vmlog.wire.PushReply;
import org.vmlog.wire.Reply;

/**
 * A connection of a peer that may not log here. It is told so with every call: a connection that
 * was closed at once would look like a broken network to whoever set the guest up. Thread-safe.
 */
final class RefusedConnection implements LogConnection {
  private final String reason;
  private final LabelledCounter<Reply.Refusal> refusedRequests;

  RefusedConnection(String reason, LabelledCounter<Reply.Refusal> refusedRequests) {
    this.reason = reason;
    this.refusedRequests = refusedRequests;
  }

  @Override
  public void collect(Channel channel, byte[] request, Reply reply) {
    reply.refuse(Reply.Refusal.DENIED, reason);
  }

  @Override
  public void refused(Reply.Refusal refusal) {
    refusedRequests.of(refusal).increment();
  }

  @Override
  public PushReceiver push(PushReply reply) {
    reply.refuse(Reply.Refusal.DENIED, reason);
    return PushReceiver.NONE;
  }

  @Override
  public void closed() {
    // Nothing was opened for it.
  }
}
