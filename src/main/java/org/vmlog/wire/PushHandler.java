package org.vmlog.wire;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.Objects;

/**
 * {@code vmlog.v1.LogStream/Push}: hands a stream's messages to the connection it came on, one by
 * one as they are asked for. Metadata is not looked at. Confined to the connection's event loop.
 */
final class PushHandler implements ServerCallHandler<byte[], byte[]> {
  private final InboundBudget budget;

  PushHandler(InboundBudget budget) {
    this.budget = budget;
  }

  @Override
  public ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> call, Metadata headers) {
    LogConnection connection =
        Objects.requireNonNull(call.getAttributes().get(Connections.CONNECTION));
    InboundWatch watch = Objects.requireNonNull(call.getAttributes().get(Connections.WATCH));
    PeerAddress peer = (PeerAddress) call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    PushCall push = new PushCall(call, connection, Objects.requireNonNull(peer), watch, budget);
    InboundMeter.KEY.get().tell(connection, push::received);
    push.begin();
    return push;
  }
}
