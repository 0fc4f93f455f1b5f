package org.vmlog.intake;

import org.vmlog.metrics.LabelledCounter;
import org.vmlog.record.Channel;
import org.vmlog.route.Route;
import org.vmlog.route.Router;
import org.vmlog.wire.LogConnection;
import org.vmlog.wire.PushReceiver;
import org.vmlog.wire.PushReply;
import org.vmlog.wire.Reply;
import org.vmlog.wire.Transport;

/** A connection whose source has a route. Confined to the connection's event loop. */
final class SourceConnection implements LogConnection {
  private final RequestJob.Context context;
  private final Router router;
  private final Route route;
  private final Transport transport;
  private final LabelledCounter<Reply.Refusal> refusedRequests;
  private final Runnable onClosed;

  SourceConnection(
      RequestJob.Context context,
      Router router,
      Route route,
      Transport transport,
      LabelledCounter<Reply.Refusal> refusedRequests,
      Runnable onClosed) {
    this.context = context;
    this.router = router;
    this.route = route;
    this.transport = transport;
    this.refusedRequests = refusedRequests;
    this.onClosed = onClosed;
    route.statistics().connectionOpened();
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
    route.statistics().connectionClosed();
    router.release(route);
    onClosed.run();
  }
}
