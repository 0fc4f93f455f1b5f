package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.SourceIdentity;

/**
 * Gives a connection's bytes to its receiver. What was read lies in the loop's buffers, so that a
 * connection on which nothing comes holds none. Confined to the connection's event loop, but for
 * what {@link Transport} lets others call.
 */
final class StreamHandler extends ChannelInboundHandlerAdapter implements StreamTransport {
  private static final Logger LOG = LoggerFactory.getLogger(StreamHandler.class);

  /** What is read at the end: more than a socket's buffer holds, but a peer may go on sending. */
  private static final int LAST_BYTES = 4 << 20;

  private static final ThreadLocal<byte[]> BYTES =
      ThreadLocal.withInitial(() -> new byte[ConnectionMemory.READ_BYTES]);

  private final PeerChannel connection;
  private final SourceIdentity source;
  private final StreamService service;
  private final RequestMemory memory;
  private final ConnectionTimers timers;
  private RequestMemory.@Nullable Account account;
  private RequestMemory.@Nullable Charge held;
  private @Nullable StreamReceiver receiver;

  StreamHandler(
      PeerChannel connection, SourceIdentity source, StreamService service, RequestMemory memory) {
    this.connection = connection;
    this.source = source;
    this.service = service;
    this.memory = memory;
    this.timers = new ConnectionTimers(connection);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    account = memory.open(source);
    held = new RequestMemory.Charge(account);
    receiver = service.connected(source, this);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf read = (ByteBuf) message;
    try {
      byte[] bytes = BYTES.get();
      while (read.isReadable() && receiver != null) {
        int length = Math.min(read.readableBytes(), bytes.length);
        read.readBytes(bytes, 0, length);
        receiver.received(bytes, length);
      }
    } finally {
      read.release();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    timers.end();
    StreamReceiver had = receiver;
    receiver = null;
    if (had != null) {
      had.closed();
    }
    boolean unused = hold(0);
    held = null;
    if (account != null) {
      account.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.error("a connection of {} is closed", source, cause); // a bug of ours
    }
    var unused = context.close();
  }

  @Override
  public void read(boolean on) {
    connection.config().setAutoRead(on);
  }

  @Override
  public boolean hold(int bytes) {
    return held == null || held.hold(bytes);
  }

  @Override
  public void execute(Runnable task) {
    try {
      connection.eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      // The loops end with the server, and with them every connection the task could be for.
    }
  }

  @Override
  public void after(Duration delay, Runnable task) {
    var unused = timers.after(delay, task);
  }

  /** Reads what has come and closes the connection: to close(2) what waits unread would lose it. */
  @Override
  public void close() {
    execute(this::readOutAndClose);
  }

  private void readOutAndClose() {
    StreamReceiver reading = receiver;
    if (reading != null && connection.isOpen()) {
      reading.closing();
      try {
        readOut(reading);
      } catch (IOException e) {
        LOG.debug("what came last on a connection of {} is lost", source, e);
      }
    }
    var unused = connection.close();
  }

  private void readOut(StreamReceiver reading) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(ConnectionMemory.READ_BYTES);
    byte[] bytes = BYTES.get();
    int left = LAST_BYTES;
    int length = connection.readNow(buffer);
    while (length > 0 && left > 0 && receiver != null) {
      buffer.get(0, bytes, 0, length);
      reading.received(bytes, length);
      left -= length;
      length = connection.readNow(buffer);
    }
  }
}
