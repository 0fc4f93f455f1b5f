package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.unix.Errors;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.LimitedLog;

/**
 * Finds out whose the connections are that a door accepts, and hands them to the protocol that is
 * spoken behind it. Those of a guest that nobody has announced yet may have to wait before. When
 * accepting fails, as it does when the process is out of descriptors, it pauses: the waiting
 * connection would fail again at once, and for ever. Confined to the door's event loop.
 */
final class DoorHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(DoorHandler.class);
  private static final LimitedLog PAUSED = LimitedLog.on(LOG);
  private static final int PAUSE_SECONDS = 1;

  /** ENOMEM, ENFILE, EMFILE and ENOBUFS; include/uapi/asm-generic/errno.h. */
  private static final Set<Integer> EXHAUSTION = Set.of(12, 23, 24, 105);

  private final ListenAddress address;
  private final PeerIdentifier identifier;
  private final HeldConnections held;
  private final Protocol protocol;

  DoorHandler(
      ListenAddress address, PeerIdentifier identifier, HeldConnections held, Protocol protocol) {
    this.address = address;
    this.identifier = identifier;
    this.held = held;
    this.protocol = protocol;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    PeerChannel connection = (PeerChannel) accepted;
    SourceIdentity source = identify(connection);
    if (source instanceof SourceIdentity.Anonymous guest && held.concerns(guest)) {
      held.hold(guest, connection, this, context.channel().eventLoop());
    } else {
      serve(connection, source);
    }
  }

  /** Who the peer is by what is known now. */
  SourceIdentity identify(PeerChannel connection) {
    try {
      return identifier.identify(connection.peer());
    } catch (RuntimeException e) {
      connection.unsafe().closeForcibly();
      throw e;
    }
  }

  /** How long a connection may wait here before that. */
  Duration maxHold() {
    return protocol.maxHold();
  }

  /** Has the connection read from now on, as this source's. */
  void serve(PeerChannel connection, SourceIdentity source) {
    protocol.serve(connection, source);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!isExhaustion(cause)) {
      LOG.debug("{}: a connection was lost while it was accepted", address, cause);
      return;
    }
    PAUSED.warn(
        "{} could not accept a connection, pausing {} s: {}",
        address,
        PAUSE_SECONDS,
        cause.toString());
    Channel door = context.channel();
    door.config().setAutoRead(false);
    var unused =
        door.eventLoop()
            .schedule(() -> door.config().setAutoRead(true), PAUSE_SECONDS, TimeUnit.SECONDS);
  }

  /** Of accept(2); anything else is one connection's trouble. */
  private static boolean isExhaustion(Throwable cause) {
    return cause instanceof Errors.NativeIoException e && EXHAUSTION.contains(-e.expectedErr());
  }
}
