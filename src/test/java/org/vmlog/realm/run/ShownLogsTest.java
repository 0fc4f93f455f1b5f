package org.vmlog.realm.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.record.Channel;
import org.vmlog.testing.Await;
import org.vmlog.testing.Realms;
import org.vmlog.wire.LogConnection;
import org.vmlog.wire.PushReceiver;
import org.vmlog.wire.PushReply;
import org.vmlog.wire.Reply;
import org.vmlog.wire.Transport;

final class ShownLogsTest {
  private static final SourceIdentity CART =
      new SourceIdentity.Component(ComponentId.parse("shop/cart"), "", "");

  /** An answer, as a word. */
  private static final class Answer implements Reply {
    private final CompletableFuture<String> given = new CompletableFuture<>();

    @Override
    public void ok() {
      given.complete("OK");
    }

    @Override
    public void refuse(Refusal refusal, String reason) {
      given.complete(refusal.name());
    }
  }

  private static final Transport NONE =
      new Transport() {
        @Override
        public void execute(Runnable task) {
          task.run();
        }

        @Override
        public void close() {
          // There is none.
        }
      };

  @Test
  void record_isALineUnderItsMonikerAndCannotForgeAnother() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ShownLogs shown = new ShownLogs(out)) {
      assertThat(answer(shown, Realms.request("hello\nshop/db: forged", "\u001b[2J")))
          .isEqualTo("OK");
    }
    assertThat(out.toString(UTF_8))
        .isEqualTo("shop/cart: hello#012shop/db: forged\nshop/cart: #033[2J\n");
  }

  @Test
  void request_thatIsMalformed_isRefused() {
    try (ShownLogs shown = new ShownLogs(OutputStream.nullOutputStream())) {
      assertThat(answer(shown, new byte[] {0x0a, 5, 1})).isEqualTo("MALFORMED");
    }
  }

  @Test
  void record_thatCannotBeShown_isNotAcknowledged() {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    try (ShownLogs shown = new ShownLogs(closed)) {
      assertThat(answer(shown, Realms.request("hello"))).isEqualTo("UNAVAILABLE");
    }
  }

  @Test
  void admit_tooManyConnections_waitUntilOneHasLeft() {
    try (ShownLogs shown = new ShownLogs(OutputStream.nullOutputStream())) {
      for (int i = 0; i < ShownLogs.MAX_CONNECTIONS; i++) {
        assertThat(shown.admit(CART)).isTrue();
      }
      assertThat(shown.hasRoomFor(CART)).isFalse();
      assertThat(shown.admit(CART)).isFalse();
      shown.left(CART);
      assertThat(shown.hasRoomFor(CART)).isTrue();
      assertThat(shown.admit(CART)).isTrue();
    }
  }

  @Test
  void push_isUnsupported() {
    try (ShownLogs shown = new ShownLogs(OutputStream.nullOutputStream())) {
      LogConnection connection = shown.connected(CART, NONE);
      assertThat(refused(connection)).isEqualTo("UNSUPPORTED");
    }
  }

  private static String refused(LogConnection connection) {
    Answer answer = new Answer();
    PushReceiver receiver =
        connection.push(
            new PushReply() {
              @Override
              public void next() {}

              @Override
              public void send(byte[] response) {}

              @Override
              public void goAway() {}

              @Override
              public void ok() {
                answer.ok();
              }

              @Override
              public void refuse(Refusal refusal, String reason) {
                answer.refuse(refusal, reason);
              }
            });
    receiver.ended();
    return Await.value(answer.given);
  }

  private static String answer(ShownLogs shown, byte[] request) {
    Answer answer = new Answer();
    shown.connected(CART, NONE).collect(Channel.USER, request, answer);
    return Await.value(answer.given);
  }
}
