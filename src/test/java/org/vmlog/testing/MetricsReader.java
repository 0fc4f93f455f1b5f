package org.vmlog.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Asks for metrics as a monitoring system does. Thread-safe. */
public final class MetricsReader {
  private MetricsReader() {}

  /** The text of /metrics on a Unix socket. */
  public static String read(Path socket) throws IOException {
    String answer =
        ask(UnixDomainSocketAddress.of(socket), "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
    if (!answer.startsWith("HTTP/1.1 200 OK\r\n")) {
      throw new IOException(answer);
    }
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  /** All of the answer to a request, as it was sent. */
  public static String ask(SocketAddress server, String request) throws IOException {
    try (SocketChannel channel =
        server instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX)
            : SocketChannel.open()) {
      channel.connect(server);
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
      try (InputStream answer = Channels.newInputStream(channel)) {
        return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
      }
    }
  }
}
