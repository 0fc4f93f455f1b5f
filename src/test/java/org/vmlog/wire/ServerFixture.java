package org.vmlog.wire;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.SocketAccess;

/** A server with a recording service, and its threads. */
final class ServerFixture implements AutoCloseable {
  static final int MAX_REQUEST_BYTES = 1 << 20;
  static final SocketAccess ACCESS = new SocketAccess(0600, Optional.empty());

  final RecordingService service = new RecordingService();
  final ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();
  final LogServer server;

  ServerFixture() throws IOException {
    this(Duration.ZERO);
  }

  /** A server that holds connections of guests nobody knows. */
  ServerFixture(Duration hold) throws IOException {
    server =
        LogServer.start(
            new LogServer.Settings(MAX_REQUEST_BYTES, 2, hold),
            service,
            task -> {
              Thread thread = new Thread(task, "loop under test");
              thread.setDaemon(true);
              threads.add(thread);
              return thread;
            });
  }

  /** A Unix door whose every peer is the guest with this CID. */
  Door open(Path path, long cid) throws IOException {
    return server.open(new ListenAddress.Unix(path, ACCESS), always(cid));
  }

  static PeerIdentifier always(long cid) {
    return peer -> new SourceIdentity.Anonymous(cid);
  }

  @Override
  public void close() {
    server.close();
  }
}
