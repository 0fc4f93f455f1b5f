package org.vmlog.guest;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.SelectorWait;

/**
 * Reads every socket that programs log to, on one thread with one selector, and never waits for
 * anything but them. Thread-safe.
 */
final class SocketReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SocketReader.class);
  private static final LimitedLog FAILED = LimitedLog.on(LOG);

  /** How long one that cannot be read is left alone: it would say so again at once. */
  private static final long PAUSE_MILLIS = 1000;

  /** Turns that a source has when it closes, in which a program may go on sending. */
  private static final int LAST_TURNS = 16;

  /** What was said on a connection came before what is said on one that is still to come. */
  private static final Comparator<SelectionKey> CONNECTIONS_FIRST =
      Comparator.comparing(key -> key.interestOps() == SelectionKey.OP_ACCEPT);

  private final Selector selector;
  private final List<SocketSource> sources;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  /** What was watched for on those that could not be read. */
  private final Map<SelectionKey, Integer> paused = new HashMap<>();

  private final Runnable onFailure;
  private volatile boolean closing;

  private SocketReader(Selector selector, List<SocketSource> sources, Runnable onFailure) {
    this.selector = selector;
    this.sources = sources;
    this.onFailure = onFailure;
  }

  /**
   * Starts the thread. The sources are its own from then on.
   *
   * @param onFailure is called when it ends without having been asked to
   */
  static SocketReader start(List<SocketSource> sources, ThreadFactory threads, Runnable onFailure)
      throws IOException {
    Selector selector = DatagramListener.openSelector();
    for (SocketSource source : sources) {
      source.register(selector);
    }
    SocketReader reader = new SocketReader(selector, List.copyOf(sources), onFailure);
    threads.newThread(reader::run).start();
    return reader;
  }

  private void run() {
    try {
      while (!closing) {
        select();
        selector.selectedKeys().stream().sorted(CONNECTIONS_FIRST).toList().forEach(this::read);
        selector.selectedKeys().clear();
      }
      sources.forEach(SocketReader::drainAndClose);
      selector.close();
    } catch (IOException | RuntimeException | Error e) {
      LOG.error("no socket is read any more", e);
      onFailure.run();
    } finally {
      ended.complete(null);
    }
  }

  private void select() throws IOException {
    SelectorWait.await(selector, paused.isEmpty() ? 0 : PAUSE_MILLIS);
    paused.forEach(
        (key, operations) -> {
          if (key.isValid()) {
            key.interestOps(operations);
          }
        });
    paused.clear();
  }

  /**
   * Not only if the key is valid: junixsocket invalidates it when the peer is gone, and closes the
   * channel with the next select, whatever is still to be read.
   */
  private void read(SelectionKey key) {
    try {
      boolean unused = ((SocketSource) key.attachment()).read();
    } catch (IOException e) {
      FAILED.warn(
          "a socket cannot be read, and is tried again in {} ms: {}", PAUSE_MILLIS, e.toString());
      paused.put(key, key.interestOps());
      key.interestOps(0);
    }
  }

  private static void drainAndClose(SocketSource source) {
    try {
      boolean more = true;
      for (int turn = 0; more && turn < LAST_TURNS; turn++) {
        more = source.read();
      }
      source.close();
    } catch (IOException e) {
      LOG.warn("a socket could not be read to its end: {}", e.toString());
    }
  }

  /** Takes what programs have sent by now, and closes every socket. */
  @Override
  public void close() {
    closing = true;
    selector.wakeup();
    ended.join();
  }
}
