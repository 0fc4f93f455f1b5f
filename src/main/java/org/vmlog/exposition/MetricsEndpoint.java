package org.vmlog.exposition;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.platform.SocketFile;

/**
 * Serves a page over HTTP/1.1 (RFC 9112) to whoever connects, one request a connection: on a Unix
 * socket, where the file's mode says who may, or on an address of this host.
 *
 * <p>A handful of connections at a time, each with {@link #PATIENCE} for all of it, so that nobody
 * who can connect can hold up more than the next scrape. One thread does everything; {@link #close}
 * may be called by another.
 */
public final class MetricsEndpoint implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int MAX_CONNECTIONS = 8;

  private static final Logger LOG = LoggerFactory.getLogger(MetricsEndpoint.class);
  private static final LimitedLog FAILED = LimitedLog.on(LOG);

  private final ServerSocketChannel listener;
  private final @Nullable SocketFile file;
  private final Selector selector;
  private final SelectionKey accepting;
  private final Supplier<byte[]> page;
  private volatile boolean closing;

  private MetricsEndpoint(
      ServerSocketChannel listener, @Nullable SocketFile file, Supplier<byte[]> page)
      throws IOException {
    this.listener = listener;
    this.file = file;
    this.page = page;
    selector = Selector.open();
    listener.configureBlocking(false);
    accepting = listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  /**
   * Serves at an address of either kind.
   *
   * @param access to the socket, if it is one
   * @throws BindException if the address or socket is somebody else's
   */
  public static MetricsEndpoint on(
      SocketAddress address, SocketAccess access, ThreadFactory threads, Supplier<byte[]> page)
      throws IOException {
    return address instanceof UnixDomainSocketAddress unix
        ? onUnix(unix.getPath(), access, threads, page)
        : onTcp((InetSocketAddress) address, threads, page);
  }

  /**
   * Serves on a Unix socket, in the place of one left from before.
   *
   * @param page what is shown, rendered anew for each request
   * @throws BindException if another process listens there
   * @throws IOException if it cannot be bound; names it
   */
  public static MetricsEndpoint onUnix(
      Path path, SocketAccess access, ThreadFactory threads, Supplier<byte[]> page)
      throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    Path parent = Objects.requireNonNull(path.getParent(), "a socket cannot be at /");
    try (PrivateFolder folder = PrivateFolder.open(parent, List.of())) {
      SocketFile file =
          SocketFile.bind(
              folder,
              String.valueOf(path.getFileName()),
              access,
              at -> {
                var unused = listener.bind(UnixDomainSocketAddress.of(at));
              });
      return started(new MetricsEndpoint(listener, file, page), threads, "unix:" + path);
    } catch (IOException e) {
      listener.close();
      throw named("unix:" + path, e);
    }
  }

  /** Serves on an address and port, otherwise as {@link #onUnix}. */
  public static MetricsEndpoint onTcp(
      InetSocketAddress address, ThreadFactory threads, Supplier<byte[]> page) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open();
    try {
      var unused = listener.bind(address);
      return started(new MetricsEndpoint(listener, null, page), threads, address.toString());
    } catch (IOException e) {
      listener.close();
      throw named(address.toString(), e);
    }
  }

  private static MetricsEndpoint started(
      MetricsEndpoint endpoint, ThreadFactory threads, String where) {
    LOG.info("metrics on {}", where);
    threads.newThread(endpoint::serve).start();
    return endpoint;
  }

  private static IOException named(String where, IOException e) {
    String text = "cannot serve metrics on " + where + ": " + e.getMessage();
    IOException named =
        e instanceof BindException ? new BindException(text) : new IOException(text);
    named.initCause(e);
    return named;
  }

  private void serve() {
    while (!closing) {
      try {
        selector.select(this::handle, hasConnections() ? PATIENCE.toMillis() / 5 : 0);
        closeLate();
      } catch (IOException | RuntimeException e) {
        if (!closing) {
          FAILED.warn("metrics: {}", e.toString());
        }
      }
    }
    closeAll();
  }

  private void closeAll() {
    try {
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    } catch (IOException e) {
      LOG.debug("closing the connections for metrics", e);
    }
  }

  private boolean hasConnections() {
    return selector.keys().size() > 1;
  }

  private void handle(SelectionKey key) {
    if (key == accepting) {
      accept();
    } else if (key.attachment() instanceof Scrape scrape) {
      scrape.proceed(key);
      admit();
    }
  }

  private void accept() {
    try {
      SocketChannel channel = listener.accept();
      if (channel != null) {
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, new Scrape(channel, page));
        admit();
      }
    } catch (IOException e) {
      FAILED.warn("metrics: cannot accept: {}", e.toString());
    }
  }

  /** Lets the next wait in the kernel's queue while there are as many as may be. */
  private void admit() {
    if (accepting.isValid()) {
      long open = selector.keys().stream().filter(SelectionKey::isValid).count() - 1;
      accepting.interestOps(open < MAX_CONNECTIONS ? SelectionKey.OP_ACCEPT : 0);
    }
  }

  private void closeLate() {
    for (SelectionKey key : selector.keys()) {
      if (key.attachment() instanceof Scrape scrape && scrape.isLate()) {
        scrape.close();
      }
    }
    admit();
  }

  /** Closes the socket, and soon after every connection: those are the thread's own. */
  @Override
  public void close() {
    closing = true;
    selector.wakeup();
    try {
      if (file != null) {
        file.unlink();
      }
      listener.close();
    } catch (IOException e) {
      LOG.debug("closing the metrics' socket", e);
    }
  }
}
