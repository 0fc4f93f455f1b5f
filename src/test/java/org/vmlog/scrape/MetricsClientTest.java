package org.vmlog.scrape;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.TestHost;

class MetricsClientTest {
  @TempDir Path folder;

  @Test
  void fetch_fromAForwarder_isItsPage() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    InetSocketAddress tcp = TestHost.freeTcpAddress();
    for (String address :
        new String[] {"unix:" + folder + "/m.sock", "127.0.0.1:" + tcp.getPort()}) {
      host.with("[metrics]\nlisten = \"" + address + "\"");
      try (ForwarderProcess forwarder = host.start()) {
        MetricsClient client = new MetricsClient(MetricsClient.address(address));
        assertThat(client).hasToString(address);
        MetricsPage page = client.fetch();
        assertThat(page.one("vmlog_vms_opened_total")).hasValue(1);
        assertThat(page.all("vmlog_source_records_total")).isEmpty();
        assertThat(page.all("vmlog_source_connections_total").get(0).label("name"))
            .isEqualTo("web-1");
      }
    }
  }

  @Test
  void fetch_whereNobodyListens_saysWhere() {
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(() -> new MetricsClient(UnixDomainSocketAddress.of(nowhere)).fetch())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("unix:" + nowhere + ": ");
  }

  @Test
  void fetch_ofSomethingElse_saysWhatItAnswered() throws Exception {
    assertThat(answer("HTTP/1.1 404 Not Found\r\n\r\n"))
        .endsWith(" answers with HTTP/1.1 404 Not Found, and not with metrics");
    assertThat(answer("")).endsWith(" answers with nothing, and not with metrics");
    assertThat(answer("HTTP/1.1 200 OK\r\n\r\n<html>"))
        .contains(" answers with what cannot be read: metrics: \"<html>\"");
  }

  @Test
  void fetch_ofOneThatSaysNothing_ends() throws Exception {
    Path path = folder.resolve("silent");
    Duration patience = Duration.ofMillis(20);
    try (ServerSocketChannel silent = listen(path)) {
      assertThatThrownBy(
              () -> new MetricsClient(UnixDomainSocketAddress.of(path), patience).fetch())
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessage("unix:" + path + " does not answer within 20 ms");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "unix:", "9464", ":9464", "host:", "host:99999", "host:x"})
  void address_thatIsNone_saysWhatIsAllowed(String text) {
    assertThatThrownBy(() -> MetricsClient.address(text))
        .hasMessage(
            "address \"" + text + "\"; allowed is unix:PATH, or ADDRESS:PORT as in 127.0.0.1:9464");
  }

  /** What a fetch says of a server that answers so. */
  private String answer(String text) throws Exception {
    Path path = folder.resolve("other" + text.length());
    try (ServerSocketChannel server = listen(path)) {
      CompletableFuture<Void> served =
          CompletableFuture.runAsync(
              () -> {
                try (SocketChannel one = server.accept()) {
                  int unused = one.read(ByteBuffer.allocate(4096));
                  unused = one.write(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      String message = "";
      try {
        var unused = new MetricsClient(UnixDomainSocketAddress.of(path)).fetch();
      } catch (IOException e) {
        message = e.getMessage();
      }
      Await.value(served);
      return message;
    }
  }

  private static ServerSocketChannel listen(Path path) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return server.bind(UnixDomainSocketAddress.of(path));
  }
}
