package org.vmlog.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.doctor.Finding.Level;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;

/** What the doctor says of guests without an agent, as one door after the other is used. */
final class DoorChecksTest {
  private static final String ENTRY =
      "_TRANSPORT=kernel\nSYSLOG_FACILITY=0\nSYSLOG_IDENTIFIER=kernel\nMESSAGE=Linux version\n"
          + "__REALTIME_TIMESTAMP=1767323045000000\n\n";

  @TempDir Path folder;

  @Test
  void doors_ofAGuestWithoutAnAgent_areToldAsTheyAreUsed() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    try (PrivateBus bus = PrivateBus.create().start()) {
      TestHost host =
          new TestHost(folder)
              .withVm("alice", "web-1")
              .with("[dbus]\naddress = \"" + bus.address() + "\"");
      try (ForwarderProcess forwarder = host.start().awaitOnBus()) {
        assertThat(look(host, "consoles").what())
            .isEqualTo("no console is connected of alice/web-1, and a panic is said there alone");
        try (SocketChannel console = connect(host, "console")) {
          say(console, "[    0.000000] Linux version\r\n");
          Await.until(
              "its console is alone",
              () -> look(host, "journals").level() == Level.NOTE,
              forwarder::log);
          assertThat(look(host, "journals").what())
              .isEqualTo("only the console comes from alice/web-1");
          assertThat(look(host, "journals").advice()).contains("systemd 256");
          assertThat(look(host, "consoles").level()).isEqualTo(Level.OK);
          assertThat(look(host, "kernels' lines").level()).isEqualTo(Level.OK);
          try (SocketChannel journal = connect(host, "journal")) {
            say(journal, ENTRY);
            Await.until(
                "both bring the kernel's lines",
                () -> look(host, "kernels' lines").level() == Level.NOTE,
                forwarder::log);
            assertThat(look(host, "kernels' lines").what())
                .isEqualTo("the kernel's lines of alice/web-1 come by the console as well");
            assertThat(look(host, "journals").level()).isEqualTo(Level.OK);
          }
        }
        assertThat(look(host, "gRPC").level()).isEqualTo(Level.OK);
        try (SocketChannel wrong = connect(host, "grpc")) {
          say(wrong, "<13>Nov 21 18:17:16 web-1 su: what everybody tries first\n");
          Await.until(
              "it is counted", () -> look(host, "gRPC").level() == Level.NOTE, forwarder::log);
        }
        assertThat(look(host, "gRPC").what())
            .isEqualTo("connections to a door for gRPC that do not speak it: syslog 1");
      }
    }
  }

  private static Finding look(TestHost host, String check) {
    return new Doctor(Path.of("/"), InstantSource.system())
        .examine(Optional.of(host.config()))
        .get(check);
  }

  private static SocketChannel connect(TestHost host, String kind) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(host.socket("alice", "web-1", kind)));
  }

  private static void say(SocketChannel door, String text) throws IOException {
    door.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
  }
}
