package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;
import org.vmlog.wire.MessageReader.RefusedException;

/**
 * One Push. It stays open for as long as its peer wants, idle or not; what is bounded is the peer's
 * turn: the time to the first message, from a message's first byte to its last, and in which it
 * takes no answer.
 *
 * <p>What comes before it is asked for is kept, and the peer may send no more than a window of it.
 * When there is no memory for that or for a message, the Push ends: a stream loses nothing by it.
 * Confined to the connection's event loop.
 */
final class PushCall extends Call implements PushReply {
  private static final byte[] NONE = {};

  private PushReceiver receiver = PushReceiver.NONE;
  private boolean wanted;
  private boolean pumping;
  private boolean halfClosed;
  private boolean toldHalfClosed;
  private boolean over;
  private int messageBytes; // of the one that was handed over last

  // What was not asked for yet.
  private byte[] unread = NONE;
  private int unreadFrom;
  private int unreadTo;

  private boolean headersSent;
  private boolean sending;
  private byte @Nullable [] unsent;
  private boolean watched;

  // By System.nanoTime, as one that is never 0; 0 while it is not so.
  private long receivingSince = System.nanoTime() | 1;
  private long unsentSince;
  private long closedSince;

  PushCall(GuestConnection connection, Http2Stream stream, CallHead head) {
    // Not RESOURCE_EXHAUSTED, by which a guest would take its batch for too large.
    super(connection, stream, head, Refusal.UNAVAILABLE);
  }

  void begin() {
    watch();
    receiver = connection.service().push(this);
    if (over) {
      receiver.ended();
    }
  }

  @Override
  public void next() {
    if (!isAnswered()) {
      charge.give(messageBytes);
      messageBytes = 0;
      wanted = true;
      pump();
    }
  }

  @Override
  int read(ByteBuf data) throws RefusedException {
    int bytes = data.readableBytes();
    if (receivingSince == 0) {
      receivingSince = System.nanoTime() | 1;
      watch();
    }
    if (unreadTo == unreadFrom && wanted && !pumping) {
      readMessages(data);
    }
    int kept = isAnswered() ? 0 : data.readableBytes();
    if (kept > 0) {
      keep(data);
    }
    return bytes - kept;
  }

  private void keep(ByteBuf data) throws RefusedException {
    int bytes = data.readableBytes();
    int kept = unreadTo - unreadFrom;
    if (unreadTo + bytes > unread.length) {
      // The window ends what this can grow to.
      byte[] larger = kept + bytes > unread.length ? enlarged(kept + bytes) : unread;
      System.arraycopy(unread, unreadFrom, larger, 0, kept);
      unread = larger;
      unreadFrom = 0;
      unreadTo = kept;
    }
    data.readBytes(unread, unreadTo, bytes);
    unreadTo += bytes;
  }

  private byte[] enlarged(int bytes) throws RefusedException {
    int length = Math.max(bytes, Math.min(2 * unread.length, GuestConnection.WINDOW_BYTES));
    if (!charge.take(length - unread.length)) {
      throw new RefusedException(Refusal.UNAVAILABLE, charge.refusal(length - unread.length));
    }
    return new byte[length];
  }

  /** Hands over what was kept, as far as it is asked for. */
  private void pump() {
    if (pumping) {
      return; // from within the loop below, which goes on
    }
    int kept = unreadTo - unreadFrom;
    if (kept > 0) {
      ByteBuf data = Unpooled.wrappedBuffer(unread, unreadFrom, kept);
      try {
        readMessages(data);
      } catch (RefusedException e) {
        refuse(e.refusal(), e.reason());
      }
      if (isAnswered()) {
        return;
      }
      unreadFrom = unreadTo - data.readableBytes();
      connection.consumed(stream, kept - data.readableBytes());
      if (unreadFrom == unreadTo) {
        forgetUnread();
      }
    }
    finishIfRead();
  }

  private void forgetUnread() {
    charge.give(unread.length);
    unread = NONE;
    unreadFrom = 0;
    unreadTo = 0;
  }

  private void readMessages(ByteBuf data) throws RefusedException {
    pumping = true;
    try {
      while (wanted && !isAnswered() && data.isReadable()) {
        byte[] message = messages.read(data);
        if (message != null) {
          wanted = false;
          receivingSince = 0;
          unwatch();
          messageBytes = message.length;
          receiver.message(message);
        }
      }
    } finally {
      pumping = false;
    }
  }

  @Override
  void halfClosed() {
    halfClosed = true;
    finishIfRead();
  }

  private void finishIfRead() {
    if (!halfClosed || toldHalfClosed || isAnswered() || unreadFrom < unreadTo) {
      return;
    }
    toldHalfClosed = true;
    receivingSince = 0;
    unwatch();
    if (messages.isWithin()) {
      refuse(Refusal.MALFORMED, "the last message is cut off");
    } else {
      receiver.halfClosed();
    }
  }

  @Override
  public void send(byte[] response) {
    if (isAnswered() || over) {
      return;
    }
    if (sending) {
      unsent = response;
      if (unsentSince == 0) {
        unsentSince = System.nanoTime() | 1;
        watch();
      }
      return;
    }
    sending = true;
    sendHeaders();
    connection.sendMessage(stream, response, this::sent);
  }

  private void sendHeaders() {
    if (!headersSent) {
      headersSent = true;
      connection.sendHeaders(stream);
    }
  }

  private void sent() {
    sending = false;
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
    end(GrpcStatus.OK, "");
  }

  @Override
  public void goAway() {
    end(GrpcStatus.UNAVAILABLE, "this connection is about to be closed");
  }

  void goingAway() {
    if (!isAnswered()) {
      receiver.goingAway();
    }
  }

  @Override
  public void refuse(Refusal refusal, String reason) {
    super.refuse(refusal, reason);
  }

  @Override
  void end(GrpcStatus status, String reason) {
    if (isAnswered()) {
      return;
    }
    if (unsent != null) {
      sendHeaders();
      connection.sendMessage(stream, unsent, () -> {}); // one more than the peer takes; the last
      unsent = null;
    }
    super.end(status, reason);
    letGo();
    closedSince = System.nanoTime() | 1;
    watch();
  }

  private void letGo() {
    unread = NONE;
    unreadFrom = 0;
    unreadTo = 0;
    messageBytes = 0;
    charge.release();
    if (!over) {
      over = true;
      receiver.ended();
    }
  }

  @Override
  void closed() {
    messages.end();
    letGo();
  }

  @Override
  public long peersTurnNanos() {
    if (isAnswered()) {
      return closedSince;
    }
    return receivingSince != 0 ? receivingSince : unsentSince;
  }

  @Override
  public void timedOut() {
    watched = false;
    refuse(Refusal.TOO_SLOW, "a message did not arrive in time");
  }

  /** An idle Push is not watched: a thousand of them cost nothing. */
  private void watch() {
    if (!watched) {
      watched = true;
      connection.watch().began(this);
    }
  }

  private void unwatch() {
    if (watched && peersTurnNanos() == 0) {
      watched = false;
      connection.watch().ended(this);
    }
  }
}
