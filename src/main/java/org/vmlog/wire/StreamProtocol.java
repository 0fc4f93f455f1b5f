package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.vmlog.identity.SourceIdentity;

/**
 * Bytes that come and are never answered. Its peers may hold up the machine they run on while
 * nobody reads them, so none is left in a backlog: one too many is closed at once. Thread-safe.
 */
final class StreamProtocol extends Protocol {
  /** With what a receiver may hold back, less than the second that a guest may be held up. */
  static final Duration MAX_HOLD = Duration.ofMillis(500);

  private final EventLoopGroup loops;
  private final StreamService service;
  private final RequestMemory memory;
  private final Set<StreamHandler> open = ConcurrentHashMap.newKeySet();

  StreamProtocol(EventLoopGroup loops, StreamService service, RequestMemory memory) {
    this.loops = loops;
    this.service = service;
    this.memory = memory;
  }

  @Override
  Duration maxHold() {
    return MAX_HOLD;
  }

  @Override
  void serve(PeerChannel connection, SourceIdentity source) {
    if (!service.admit(source)) {
      connection.unsafe().closeForcibly();
      return;
    }
    connection.identify(source);
    StreamHandler handler = new StreamHandler(connection, source, service, memory);
    open.add(handler);
    var unused =
        connection
            .closeFuture()
            .addListener(
                closed -> {
                  open.remove(handler);
                  service.left(source);
                });
    connection.pipeline().addLast(handler);
    var unusedRegistration =
        loops
            .register(connection)
            .addListener(
                done -> {
                  if (!done.isSuccess()) {
                    connection.unsafe().closeForcibly();
                  }
                });
  }

  /** Reads what has come on each connection, and closes it. */
  void closeAll() {
    open.forEach(StreamHandler::close);
  }
}
