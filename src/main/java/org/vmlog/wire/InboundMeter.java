package org.vmlog.wire;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;

/**
 * Tells of a call's messages' bytes as they arrive, and its connection if one was too large: gRPC's
 * tracers are the only ones who see a message before it is whole, and what gRPC itself refuses.
 * Confined to the call's event loop.
 */
final class InboundMeter extends ServerStreamTracer {
  /** How the call finds its meter. */
  static final Context.Key<InboundMeter> KEY = Context.key("org.vmlog.meter");

  /** One for each call. */
  static final Factory FACTORY =
      new Factory() {
        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
          return new InboundMeter();
        }
      };

  private static final LimitedLog REFUSED =
      LimitedLog.on(LoggerFactory.getLogger(InboundMeter.class));

  private @Nullable LogConnection connection;
  private @Nullable LongConsumer listener;

  /** To be called before the call asks for a message. */
  void tell(LogConnection connection, LongConsumer moreBytes) {
    this.connection = connection;
    this.listener = moreBytes;
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void inboundWireSize(long bytes) {
    if (listener != null) {
      listener.accept(bytes);
    }
  }

  /** gRPC's own refusals, of a message over the largest size above all, go past every service. */
  @Override
  public void streamClosed(Status status) {
    if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
      REFUSED.warn("refused a request: {}", String.valueOf(status.getDescription()));
      if (connection != null) {
        connection.refused(Reply.Refusal.TOO_LARGE);
      }
    }
  }
}
