package org.vmlog.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.StreamSocket;
import org.vmlog.platform.StreamSocketFixture;
import org.vmlog.testing.Await;
import org.vmlog.testing.Realms;
import org.vmlog.testing.UnansweredCall;

/** Connections that came as descriptors: served as any other, as who they were said to be. */
final class LogServerAdoptTest {
  private static final SourceIdentity.Component CART =
      new SourceIdentity.Component(ComponentId.parse("shop/cart"), "test:///cart", "1");

  private ServerFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new ServerFixture();
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void adopt_connectedStream_isServedAsTheGivenSource() throws Exception {
    StreamSocket.Pair pair = StreamSocket.pair();
    fixture.server.adopt(pair.left(), CART);
    try (SinkClient client = client(pair.right())) {
      client.collect("request".getBytes(UTF_8)).get();
      client.collect("another".getBytes(UTF_8)).get();
    }
    assertThat(fixture.service.arrived())
        .extracting(RecordingService.Arrived::source)
        .containsExactly(CART, CART);
    assertThat(fixture.service.arrived())
        .extracting(arrived -> new String(arrived.request(), UTF_8))
        .containsExactly("request", "another");
    Await.until("the connection has left", () -> fixture.service.admitted() == 0);
  }

  @Test
  void adopt_calledAfterTheClientBegan_missesNothing() throws Exception {
    StreamSocket.Pair pair = StreamSocket.pair();
    try (SinkClient client = client(pair.right())) {
      CompletableFuture<Void> early = client.collect("early".getBytes(UTF_8));
      fixture.server.adopt(pair.left(), CART);
      early.get();
    }
    assertThat(fixture.service.arrived()).hasSize(1);
  }

  @Test
  void shutdown_rightAfterAdopt_hearsClientsThatHaveGone() throws Exception {
    for (int i = 0; i < 20; i++) {
      StreamSocket.Pair pair = StreamSocket.pair();
      try (Descriptor client = pair.right()) {
        StreamSocketFixture.write(client, UnansweredCall.bytes(Realms.request("last words")));
      }
      fixture.server.adopt(pair.left(), CART);
    }
    fixture.server.shutdown(Await.PATIENCE);
    assertThat(fixture.service.arrived()).hasSize(20);
  }

  @Test
  void adopt_file_isRefusedAndClosed() throws Exception {
    try (FileInputStream file = new FileInputStream("/dev/null")) {
      Descriptor descriptor = StreamSocketFixture.of(file);
      assertThatThrownBy(() -> fixture.server.adopt(descriptor, CART))
          .isInstanceOf(IOException.class)
          .hasMessage("descriptor is no Unix stream socket");
      assertThat(descriptor).hasToString("closed descriptor");
    }
    assertThat(fixture.service.admitted()).isZero();
  }

  @Test
  void collect_streamThatHasEnded_failsAndIsNotConnectedAgain() throws Exception {
    StreamSocket.Pair pair = StreamSocket.pair();
    try (SinkClient client = client(pair.right())) {
      pair.left().close();
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> client.collect(new byte[0]).get())
            .isInstanceOf(ExecutionException.class)
            .hasMessageContaining("UNAVAILABLE");
      }
    }
  }

  private static SinkClient client(Descriptor connected) throws IOException {
    return SinkClient.over(
        connected,
        task -> {
          Thread thread = new Thread(task, "sink");
          thread.setDaemon(true);
          return thread;
        });
  }
}
