package org.vmlog.exposition;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the {@link MetricsEndpoint}: a request's head is read to its end, the answer
 * written, and the connection closed. A body is not read: no method that is served has one.
 * Confined to the endpoint's thread.
 */
final class Scrape {
  static final int MAX_HEAD_BYTES = 8 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(Scrape.class);
  private static final Pattern REQUEST_LINE = Pattern.compile("([A-Z]+) (\\S+) HTTP/1\\.[01]");

  private final SocketChannel channel;
  private final Supplier<byte[]> page;
  private final long deadline = System.nanoTime() + MetricsEndpoint.PATIENCE.toNanos();
  private final ByteBuffer head = ByteBuffer.allocate(MAX_HEAD_BYTES);
  private @Nullable ByteBuffer answer;

  Scrape(SocketChannel channel, Supplier<byte[]> page) {
    this.channel = channel;
    this.page = page;
  }

  boolean isLate() {
    return System.nanoTime() - deadline > 0;
  }

  /** Does what can be done without waiting. */
  void proceed(SelectionKey key) {
    try {
      if (answer == null && !read()) {
        return;
      }
      ByteBuffer rest = answer;
      if (rest == null || channel.write(rest) < 0 || !rest.hasRemaining()) {
        finish();
      } else {
        key.interestOps(SelectionKey.OP_WRITE);
      }
    } catch (IOException e) {
      LOG.debug("a scrape broke off", e);
      close();
    }
  }

  /** False when more is to come first; there is no answer for one who has left. */
  private boolean read() throws IOException {
    int count = channel.read(head);
    if (count < 0) {
      return true;
    }
    String text = new String(head.array(), 0, head.position(), US_ASCII);
    if (text.contains("\r\n\r\n") || text.contains("\n\n")) {
      answer = answer(text.lines().findFirst().orElse(""));
    } else if (!head.hasRemaining()) {
      answer = status("431 Request Header Fields Too Large", "", "");
    }
    return answer != null;
  }

  private ByteBuffer answer(String requestLine) {
    Matcher request = REQUEST_LINE.matcher(requestLine);
    if (!request.matches()) {
      return status("400 Bad Request", "", "");
    }
    if (!request.group(1).equals("GET")) {
      return status("405 Method Not Allowed", "Allow: GET\r\n", "");
    }
    if (!request.group(2).equals("/metrics") && !request.group(2).startsWith("/metrics?")) {
      return status("404 Not Found", "", "the metrics are at /metrics\n");
    }
    return response(
        "200 OK", "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n", page.get());
  }

  private static ByteBuffer status(String status, String fields, String text) {
    return response(
        status, fields + "Content-Type: text/plain; charset=utf-8\r\n", text.getBytes(US_ASCII));
  }

  private static ByteBuffer response(String status, String fields, byte[] body) {
    String head =
        "HTTP/1.1 %s\r\n%sContent-Length: %s\r\nConnection: close\r\n\r\n"
            .formatted(status, fields, body.length);
    byte[] first = head.getBytes(US_ASCII);
    return ByteBuffer.allocate(first.length + body.length).put(first).put(body).flip();
  }

  /** Says that this is all, and leaves it to the peer to have read it. */
  private void finish() throws IOException {
    if (answer != null) {
      channel.shutdownOutput();
    }
    close();
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("the descriptor is gone all the same, close(2)", e);
    }
  }
}
