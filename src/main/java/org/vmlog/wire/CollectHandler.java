package org.vmlog.wire;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.Channel;
import org.vmlog.wire.Reply.Refusal;

/**
 * One unary method of {@code vm_tools.LogCollector}: hands a request's bytes to the connection it
 * came on. Metadata is not looked at. Confined to the connection's event loop.
 */
final class CollectHandler implements ServerCallHandler<byte[], byte[]> {
  private final Channel channel;
  private final InboundBudget budget;

  CollectHandler(Channel channel, InboundBudget budget) {
    this.channel = channel;
    this.budget = budget;
  }

  @Override
  public ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> call, Metadata headers) {
    LogConnection connection =
        Objects.requireNonNull(call.getAttributes().get(Connections.CONNECTION));
    InboundWatch watch = Objects.requireNonNull(call.getAttributes().get(Connections.WATCH));
    PeerAddress peer = (PeerAddress) call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    Listener listener = new Listener(call, connection, watch, Objects.requireNonNull(peer));
    watch.began(listener);
    InboundMeter.KEY.get().tell(connection, listener.charge::received);
    // Two, although there is to be one: gRPC resets a call as soon as it has a second.
    call.request(2);
    return listener;
  }

  private final class Listener extends ServerCall.Listener<byte[]> implements InboundWatch.Watched {
    private final ServerCall<byte[], byte[]> call;
    private final LogConnection connection;
    private final InboundWatch watch;
    private final InboundBudget.Charge charge;
    private final CallReply reply;
    private long receivingSinceNanos = System.nanoTime();
    private byte @Nullable [] request;
    private boolean refused;
    private boolean handedOver;

    Listener(
        ServerCall<byte[], byte[]> call,
        LogConnection connection,
        InboundWatch watch,
        PeerAddress peer) {
      this.call = call;
      this.connection = connection;
      this.watch = watch;
      this.charge = budget.open(peer.source(), () -> peer.execute(this::overBudget));
      this.reply = new CallReply(call, connection, charge);
    }

    @Override
    public void onMessage(byte[] message) {
      if (message == RequestMarshaller.TOO_LARGE) {
        refuse(Refusal.TOO_LARGE, "the request is too large unpacked");
      } else if (message == RequestMarshaller.CORRUPT) {
        refuse(Refusal.MALFORMED, "the request cannot be unpacked");
      } else {
        request = message;
      }
    }

    @Override
    public void onHalfClose() {
      receivingSinceNanos = 0;
      if (refused) {
        return;
      }
      if (request == null) {
        refuse(Refusal.MALFORMED, "no LogRequest in the call");
        return;
      }
      byte[] whole = request;
      request = null; // the call may live long while it waits for its ack; its bytes need not
      if (!charge.whole(whole.length)) {
        refuse(Refusal.TOO_LARGE, "too much is being sent at once");
        return;
      }
      handedOver = true;
      connection.collect(channel, whole, reply);
    }

    @Override
    public void onCancel() {
      watch.ended(this);
      if (!handedOver) {
        charge.release();
      }
    }

    @Override
    public void onComplete() {
      watch.ended(this);
    }

    @Override
    public long peersTurnNanos() {
      return receivingSinceNanos != 0 ? receivingSinceNanos : reply.answeredNanos();
    }

    @Override
    public void timedOut() {
      if (!handedOver) {
        refuse(Refusal.TOO_SLOW, "the request did not arrive in time");
      }
    }

    private void overBudget() {
      if (!handedOver) {
        refuse(Refusal.TOO_LARGE, "too much is being sent at once");
      }
    }

    private void refuse(Refusal refusal, String reason) {
      if (refused) {
        return;
      }
      refused = true;
      request = null;
      charge.release();
      Refusals.count(connection, refusal);
      call.close(Refusals.status(refusal).withDescription(reason), new Metadata());
    }
  }
}
