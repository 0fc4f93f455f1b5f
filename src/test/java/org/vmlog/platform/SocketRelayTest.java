package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real connections, with more to pass on than their buffers hold. */
@Timeout(60)
final class SocketRelayTest {
  private static final String MUCH = "0123456789".repeat(20_000);

  private final CompletableFuture<SocketRelay> ended = new CompletableFuture<>();
  private SelectorLoop loop;
  private StreamSocket.Pair component;
  private StreamSocket.Pair server;

  @BeforeEach
  void start() throws IOException {
    loop = SelectorLoop.start(Threads.named("relay"), () -> {});
    component = StreamSocket.pair();
    server = StreamSocket.pair();
    loop.execute(
        () -> {
          try {
            SocketRelay unused =
                new SocketRelay(component.right(), server.left(), loop.selector(), ended::complete);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @AfterEach
  void stop() {
    loop.close();
    component.left().closeQuietly();
    server.right().closeQuietly();
  }

  @Test
  void bytes_thatAreMany_arriveBeforeTheEnd() throws Exception {
    CompletableFuture<String> read = CompletableFuture.supplyAsync(() -> readToEnd(server.right()));
    StreamSocketFixture.write(component.left(), MUCH);
    component.left().close();
    assertThat(read.join()).isEqualTo(MUCH);
    server.right().close();
    assertThat(ended.join()).isNotNull();
  }

  @Test
  void answer_goesBack_andTheServersEndReachesTheComponent() throws Exception {
    CompletableFuture<String> read =
        CompletableFuture.supplyAsync(() -> readToEnd(component.left()));
    StreamSocketFixture.write(server.right(), MUCH);
    server.right().close();
    assertThat(read.join()).isEqualTo(MUCH);
    component.left().close();
    assertThat(ended.join()).isNotNull();
  }

  private static String readToEnd(Descriptor descriptor) {
    try {
      return StreamSocketFixture.readToEnd(descriptor);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
