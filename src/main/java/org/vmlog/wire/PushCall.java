package org.vmlog.wire;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * One Push. It stays open for as long as its peer wants, idle or not; what is bounded is the peer's
 * turn: the time to the first message, from a message's first byte to its last, and in which it
 * takes no answer.
 *
 * <p>Each message counts in the {@link InboundBudget} until the next is asked for, and until then
 * may be what goes when that is spent: a stream loses nothing by it, and its messages may have to
 * wait for long. Confined to the connection's event loop.
 */
final class PushCall extends ServerCall.Listener<byte[]>
    implements PushReply, InboundWatch.Watched {
  private final ServerCall<byte[], byte[]> call;
  private final LogConnection connection;
  private final PeerAddress peer;
  private final InboundWatch watch;
  private final InboundBudget budget;
  private PushReceiver receiver = PushReceiver.NONE;
  private InboundBudget.Charge charge;
  private int messagesAskedFor;
  private boolean headersSent;
  private byte @Nullable [] unsent;
  private boolean closed;
  private boolean watched;

  // By System.nanoTime, as one that is never 0; 0 while it is not so.
  private long receivingSince = System.nanoTime() | 1;
  private long unsentSince;
  private long closedSince;

  PushCall(
      ServerCall<byte[], byte[]> call,
      LogConnection connection,
      PeerAddress peer,
      InboundWatch watch,
      InboundBudget budget) {
    this.call = call;
    this.connection = connection;
    this.peer = peer;
    this.watch = watch;
    this.budget = budget;
    this.charge = openCharge();
  }

  void begin() {
    watch();
    peer.pushes().began(this);
    receiver = connection.push(this);
  }

  private InboundBudget.Charge openCharge() {
    int message = ++messagesAskedFor;
    return budget.open(peer.source(), () -> peer.execute(() -> overBudget(message)));
  }

  @Override
  public void next() {
    if (!closed) {
      charge.release();
      charge = openCharge();
      call.request(1);
    }
  }

  /** More bytes of the message have come. */
  void received(long bytes) {
    charge.received(bytes);
    if (receivingSince == 0) {
      receivingSince = System.nanoTime() | 1;
      watch();
    }
  }

  @Override
  public void onMessage(byte[] message) {
    receivingSince = 0;
    unwatch();
    if (message == RequestMarshaller.TOO_LARGE) {
      refuse(Refusal.TOO_LARGE, "the message is too large unpacked");
    } else if (message == RequestMarshaller.CORRUPT) {
      refuse(Refusal.MALFORMED, "the message cannot be unpacked");
    } else if (!closed) {
      charge.waits(message.length);
      receiver.message(message);
    }
  }

  @Override
  public void onHalfClose() {
    receivingSince = 0;
    unwatch();
    if (!closed) {
      receiver.halfClosed();
    }
  }

  @Override
  public void send(byte[] response) {
    if (closed || call.isCancelled()) {
      return;
    }
    if (!headersSent) {
      headersSent = true;
      call.sendHeaders(new Metadata());
    }
    if (call.isReady()) {
      call.sendMessage(response);
      return;
    }
    unsent = response;
    if (unsentSince == 0) {
      unsentSince = System.nanoTime() | 1;
      watch();
    }
  }

  @Override
  public void onReady() {
    byte[] response = unsent;
    unsent = null;
    unsentSince = 0;
    unwatch();
    if (response != null) {
      send(response);
    }
  }

  @Override
  public void ok() {
    close(Status.OK);
  }

  @Override
  public void refuse(Refusal refusal, String reason) {
    if (!closed) {
      Refusals.count(connection, refusal);
      close(Refusals.status(refusal).withDescription(reason));
    }
  }

  @Override
  public void goAway() {
    close(Status.UNAVAILABLE.withDescription("this connection is about to be closed"));
  }

  void goingAway() {
    if (!closed) {
      receiver.goingAway();
    }
  }

  private void close(Status status) {
    if (closed) {
      return;
    }
    closed = true;
    charge.release();
    receiver.ended();
    closedSince = System.nanoTime() | 1;
    watch();
    if (!call.isCancelled()) {
      if (unsent != null) {
        call.sendMessage(unsent); // one more than the peer has asked for, and the last
      }
      call.close(status, new Metadata());
    }
  }

  @Override
  public void onCancel() {
    over();
  }

  @Override
  public void onComplete() {
    over();
  }

  private void over() {
    watch.ended(this);
    peer.pushes().ended(this);
    if (!closed) {
      closed = true;
      charge.release();
      receiver.ended();
    }
  }

  @Override
  public long peersTurnNanos() {
    if (closed) {
      return closedSince;
    }
    return receivingSince != 0 ? receivingSince : unsentSince;
  }

  @Override
  public void timedOut() {
    watched = false;
    refuse(Refusal.TOO_SLOW, "a message did not arrive in time");
  }

  private void overBudget(int message) {
    if (message == messagesAskedFor) {
      // Not RESOURCE_EXHAUSTED, by which a guest would take its batch for too large.
      refuse(Refusal.UNAVAILABLE, "too much is being sent at once");
    }
  }

  /** An idle Push is not watched: a thousand of them cost nothing. */
  private void watch() {
    if (!watched) {
      watched = true;
      watch.began(this);
    }
  }

  private void unwatch() {
    if (watched && peersTurnNanos() == 0) {
      watched = false;
      watch.ended(this);
    }
  }
}
