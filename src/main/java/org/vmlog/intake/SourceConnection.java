package org.vmlog.intake;

import org.vmlog.metrics.LabelledCounter;
import org.vmlog.record.Channel;
import org.vmlog.route.Route;
import org.vmlog.wire.LogConnection;
import org.vmlog.wire.PushReceiver;
import org.vmlog.wire.PushReply;
import org.vmlog.wire.Reply;
import org.vmlog.wire.Transport;

/** A connection whose source has a route. Confined to the connection's event loop. */
final class SourceConnection implements LogConnection {
  private final RequestJob.Context context;
  private final Route route;
  private final Transport transport;
  private final LabelledCounter<Reply.Refusal> refusedRequests;
  private final SourceConnections.Closing onClosed;

  SourceConnection(
      RequestJob.Context context,
      SourceConnections.Opening.Opened opened,
      Transport transport,
      LabelledCounter<Reply.Refusal> refusedRequests) {
    this.context = context;
    this.route = opened.route();
    this.transport = transport;
    this.refusedRequests = refusedRequests;
    this.onClosed = opened.onClosed();
  }

  @Override
  public void collect(Channel channel, byte[] request, Reply reply) {
    new RequestJob(context, route, transport, channel, request, reply).run();
  }

  @Override
  public void refused(Reply.Refusal refusal) {
    route.statistics().refused(refusal);
    refusedRequests.of(refusal).increment();
  }

  @Override
  public PushReceiver push(PushReply reply) {
    PushJob job = new PushJob(context, route, transport, reply);
    job.begin();
    return job;
  }

  @Override
  public void closed() {
    onClosed.closed();
  }
}
