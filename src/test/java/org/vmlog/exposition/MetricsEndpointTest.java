package org.vmlog.exposition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.platform.SocketAccess;
import org.vmlog.testing.MetricsReader;
import org.vmlog.testing.TestHost;

@Timeout(60)
class MetricsEndpointTest {
  private static final String REQUEST = "GET /metrics HTTP/1.1\r\n\r\n";
  private static final SocketAccess ACCESS = new SocketAccess(0640, Optional.empty());

  @TempDir Path folder;

  private Path socket;
  private byte[] page = "a 1\n".getBytes(UTF_8);
  private MetricsEndpoint endpoint;

  @BeforeEach
  void start() throws IOException {
    socket = folder.resolve("m.sock");
    endpoint = open();
  }

  private MetricsEndpoint open() throws IOException {
    return MetricsEndpoint.onUnix(socket, ACCESS, Executors.defaultThreadFactory(), () -> page);
  }

  @AfterEach
  void close() {
    endpoint.close();
  }

  @Test
  void request_forTheMetrics_getsThePageOfThatMoment() throws IOException {
    assertThat(ask(REQUEST))
        .isEqualTo(
            "HTTP/1.1 200 OK\r\n"
                + "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                + "Content-Length: 4\r\nConnection: close\r\n\r\na 1\n");
    page = "a 2\n".getBytes(UTF_8);
    assertThat(ask("GET /metrics HTTP/1.0\nAccept: */*\n\n")).endsWith("\r\n\r\na 2\n");
    assertThat(ask("GET /metrics?x=y HTTP/1.1\r\n\r\n")).endsWith("\r\n\r\na 2\n");
  }

  @Test
  void page_ofManyMegabytes_comesWhole() throws IOException {
    page = "x".repeat(20 << 20).getBytes(UTF_8);
    assertThat(ask(REQUEST)).hasSizeGreaterThan(20 << 20).endsWith("xxx");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET / HTTP/1.1              | HTTP/1.1 404 Not Found
          GET /metricsx HTTP/1.1      | HTTP/1.1 404 Not Found
          POST /metrics HTTP/1.1      | HTTP/1.1 405 Method Not Allowed
          GET /metrics                | HTTP/1.1 400 Bad Request
          GET /metrics HTTP/2.0       | HTTP/1.1 400 Bad Request
          hello                       | HTTP/1.1 400 Bad Request
          """)
  void request_forAnythingElse_isAnsweredWithWhy(String line, String status) throws IOException {
    assertThat(ask(line + "\r\n\r\n")).startsWith(status + "\r\n");
  }

  @Test
  void request_withoutEnd_isRefused() throws IOException {
    assertThat(ask("a".repeat(Scrape.MAX_HEAD_BYTES))).startsWith("HTTP/1.1 431 ");
  }

  @Test
  void connectionsThatSayNothing_areClosedAndThenTheNextIsServed() throws IOException {
    List<SocketChannel> silent = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      SocketChannel one = SocketChannel.open(StandardProtocolFamily.UNIX);
      one.connect(UnixDomainSocketAddress.of(socket));
      silent.add(one);
    }
    assertThat(ask(REQUEST)).startsWith("HTTP/1.1 200 OK");
    assertThat(silent.get(0).read(ByteBuffer.allocate(1))).isEqualTo(-1);
    for (SocketChannel one : silent) {
      one.close();
    }
  }

  @Test
  void socket_hasItsModeAndGoesWithTheEndpoint() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-r-----");
    assertThatThrownBy(this::open)
        .isInstanceOf(BindException.class)
        .hasMessageStartingWith("cannot serve metrics on unix:" + socket + ": ");
    endpoint.close();
    assertThat(socket).doesNotExist();
  }

  @Test
  void address_ofAnotherProcess_isNamed() throws IOException {
    InetSocketAddress address = TestHost.freeTcpAddress();
    try (MetricsEndpoint tcp =
        MetricsEndpoint.onTcp(address, Executors.defaultThreadFactory(), () -> page)) {
      assertThat(MetricsReader.ask(address, REQUEST)).endsWith("a 1\n");
      assertThatThrownBy(
              () -> MetricsEndpoint.onTcp(address, Executors.defaultThreadFactory(), () -> page))
          .isInstanceOf(BindException.class)
          .hasMessageContaining("cannot serve metrics on " + address);
    }
  }

  private String ask(String request) throws IOException {
    SocketAddress address = UnixDomainSocketAddress.of(socket);
    return MetricsReader.ask(address, request);
  }
}
