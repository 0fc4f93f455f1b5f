package org.vmlog.realm;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.platform.ConnectionListener;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.SelectorLoop;
import org.vmlog.platform.StreamSocket;

/**
 * A socket on a path that is one component's: whoever can reach it, and is the user whom its
 * launcher named, is that component. Confined to the broker's thread.
 */
final class ProvidedSink implements SelectorLoop.Watched, Closeable {
  private static final LimitedLog FAILED =
      LimitedLog.on(LoggerFactory.getLogger(ProvidedSink.class));

  private static final LimitedLog FOREIGN =
      LimitedLog.on(LoggerFactory.getLogger(ProvidedSink.class));

  /** What one component may have accepted before the others have their turn. */
  private static final int TURN = 16;

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Component component;
  private final Optional<String> lease;
  private final Optional<Long> uid;
  private final ConnectionListener listener;
  private final SelectorLoop loop;
  private final BiConsumer<ProvidedSink, Descriptor> onConnected;

  /**
   * Listens from now on.
   *
   * @param lease with which it ends
   * @param uid who alone may connect; empty leaves it to the socket's permissions
   * @param onConnected gets each connection's server end
   */
  ProvidedSink(
      Component component,
      Optional<String> lease,
      Optional<Long> uid,
      ConnectionListener listener,
      SelectorLoop loop,
      BiConsumer<ProvidedSink, Descriptor> onConnected)
      throws IOException {
    this.component = component;
    this.lease = lease;
    this.uid = uid;
    this.listener = listener;
    this.onConnected = onConnected;
    this.loop = loop;
    listener.register(loop.selector(), this);
  }

  Component component() {
    return component;
  }

  Optional<String> lease() {
    return lease;
  }

  Path path() {
    return listener.path();
  }

  @Override
  public void ready(SelectionKey key) {
    try {
      for (int i = 0; i < TURN; i++) {
        Optional<Descriptor> accepted = listener.accept();
        if (accepted.isEmpty()) {
          return;
        }
        if (isAllowed(accepted.get())) {
          onConnected.accept(this, accepted.get());
        } else {
          accepted.get().closeQuietly();
        }
      }
    } catch (IOException e) {
      // As when the process is out of descriptors: the connection would fail again at once.
      FAILED.warn("cannot accept on {}, pausing {} s: {}", path(), PAUSE.toSeconds(), e.toString());
      key.interestOps(0);
      loop.executeAfter(PAUSE, () -> resume(key));
    }
  }

  private boolean isAllowed(Descriptor accepted) {
    if (uid.isEmpty()) {
      return true;
    }
    try {
      long peer = StreamSocket.peerUid(accepted);
      if (peer == uid.get()) {
        return true;
      }
      FOREIGN.warn(
          "closed a connection to {}: user {} has made it; allowed is user {}, who {} runs as",
          path(),
          peer,
          uid.get(),
          component.id());
    } catch (IOException e) {
      FOREIGN.warn("closed a connection to {}: nobody can tell whose: {}", path(), e.toString());
    }
    return false;
  }

  private static void resume(SelectionKey key) {
    if (key.isValid()) {
      key.interestOps(SelectionKey.OP_ACCEPT);
    }
  }

  /** Ends its listening; connections that came through it go on. */
  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      FAILED.warn("the socket file of {} stays: {}", path(), e.toString());
    }
  }
}
