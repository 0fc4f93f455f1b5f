package org.vmlog.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.Optional;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.MethodReturn;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.PrivateBus;

class BusPeerTest {
  private PrivateBus bus;
  private BusSession session;
  private DBusConnection connection;

  @BeforeAll
  static void needsDbusDaemon() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
  }

  @BeforeEach
  void connect() throws Exception {
    bus = PrivateBus.create().start();
    session = BusSession.open(BusAddresses.parse(bus.address(), Optional.empty()).get(0));
    connection = session.bus();
  }

  @AfterEach
  void disconnect() {
    session.close();
    bus.close();
  }

  @Test
  void values_answerOfAnother_isRefusedUnread() throws Exception {
    assertThatThrownBy(() -> new BusPeer(connection, ":1.7").values(new Answer(":1.66")))
        .isInstanceOf(BusException.class)
        .hasMessage(":1.66 has answered for :1.7");
  }

  @Test
  void values_answerOfThePeer_areItsArguments() throws Exception {
    assertThat(new BusPeer(connection, ":1.7").values(new Answer(":1.7"))).containsExactly("text");
  }

  @Test
  void call_peerThatIsGone_isTheBussError() {
    BusPeer gone = new BusPeer(connection, ":1.4711");

    assertThatThrownBy(() -> gone.call(Duration.ofSeconds(30), "/x", "org.x.Y", "Z", ""))
        .isInstanceOfSatisfying(
            BusException.class,
            e -> assertThat(e.name()).isEqualTo("org.freedesktop.DBus.Error.ServiceUnknown"));
  }

  private static final class Answer extends MethodReturn {
    Answer(String sender) throws DBusException {
      super((byte) 'l', sender, ":1.1", 1, "s", "text");
    }
  }
}
