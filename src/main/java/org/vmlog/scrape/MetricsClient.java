package org.vmlog.scrape;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * Asks for {@code /metrics} over HTTP (RFC 9112), on a Unix socket or an address. Each request has
 * a connection of its own. Immutable; who asks waits.
 */
public final class MetricsClient {
  private static final String UNIX = "unix:";
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** A thousand sources make some megabytes. */
  private static final int MAX_BYTES = 64 << 20;

  private static final String REQUEST =
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

  private final SocketAddress address;
  private final Duration patience;

  /** Asks there. */
  public MetricsClient(SocketAddress address) {
    this(address, PATIENCE);
  }

  MetricsClient(SocketAddress address, Duration patience) {
    this.address = address;
    this.patience = patience;
  }

  /**
   * Takes an address as people write it, {@code unix:PATH} or {@code ADDRESS:PORT}.
   *
   * @throws IllegalArgumentException that says what is allowed
   */
  public static SocketAddress address(String text) {
    if (text.startsWith(UNIX) && text.length() > UNIX.length()) {
      return UnixDomainSocketAddress.of(text.substring(UNIX.length()));
    }
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon <= 0 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 0xFFFF) {
      throw new IllegalArgumentException(
          "address \"%s\"; allowed is unix:PATH, or ADDRESS:PORT as in 127.0.0.1:9464"
              .formatted(text));
    }
    return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(port));
  }

  /** Where it asks, as people write it. */
  @Override
  public String toString() {
    return address instanceof InetSocketAddress endpoint
        ? endpoint.getHostString() + ":" + endpoint.getPort()
        : UNIX + address;
  }

  /**
   * Asks once.
   *
   * @throws IOException if nobody answers in time, or with no such page
   */
  public MetricsPage fetch() throws IOException {
    String answer = ask();
    int body = answer.indexOf("\r\n\r\n");
    if (!answer.startsWith("HTTP/1.1 200 ") || body < 0) {
      String first = answer.lines().findFirst().orElse("nothing");
      throw new IOException(this + " answers with " + first + ", and not with metrics");
    }
    try {
      return MetricsPage.parse(answer.substring(body + 4));
    } catch (IllegalArgumentException e) {
      throw new IOException(this + " answers with what cannot be read: " + e.getMessage(), e);
    }
  }

  private String ask() throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    try (SocketChannel channel = open();
        Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, 0);
      if (!channel.connect(address)) {
        await(key, SelectionKey.OP_CONNECT, deadline);
        var unused = channel.finishConnect();
      }
      ByteBuffer request = ByteBuffer.wrap(REQUEST.getBytes(ISO_8859_1));
      while (request.hasRemaining()) {
        await(key, SelectionKey.OP_WRITE, deadline);
        channel.write(request);
      }
      return read(channel, key, deadline);
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(this + ": " + e.getMessage(), e);
    }
  }

  private String read(SocketChannel channel, SelectionKey key, long deadline) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    ByteBuffer some = ByteBuffer.allocate(64 * 1024);
    await(key, SelectionKey.OP_READ, deadline);
    while (channel.read(some) >= 0) {
      answer.write(some.array(), 0, some.position());
      some.clear();
      if (answer.size() > MAX_BYTES) {
        throw new IOException("more than " + MAX_BYTES + " bytes of an answer");
      }
      await(key, SelectionKey.OP_READ, deadline);
    }
    return answer.toString(UTF_8);
  }

  private void await(SelectionKey key, int operation, long deadline) throws IOException {
    key.interestOps(operation);
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0 || key.selector().select(millis) == 0) {
      throw new SocketTimeoutException(
          "%s does not answer within %s ms".formatted(this, patience.toMillis()));
    }
    key.selector().selectedKeys().clear();
  }

  private SocketChannel open() throws IOException {
    return address instanceof UnixDomainSocketAddress
        ? SocketChannel.open(StandardProtocolFamily.UNIX)
        : SocketChannel.open();
  }
}
