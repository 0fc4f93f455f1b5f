package org.vmlog.ship.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.config.ShipConfig;
import org.vmlog.ship.Batch;
import org.vmlog.ship.EngineState.Kind;
import org.vmlog.ship.HostFacts;
import org.vmlog.ship.LogSource;
import org.vmlog.ship.Outcome;
import org.vmlog.ship.TlsFiles;
import org.vmlog.testing.Await;
import org.vmlog.testing.Certificates;

/** With servers of the test's own, which do what real ones do seldom. */
@Timeout(240)
class SyslogEngineTest {
  private static final LogSource SOURCE = new LogSource("alice/web", "alice", "web");

  @TempDir Path temp;
  private Certificates certificates;

  @BeforeEach
  void sign() throws Exception {
    certificates = Certificates.in(temp).sign("server");
  }

  /** All looks well but for the window, which stays shut. */
  @Test
  void state_serverDoesNotRead_unreachableUntilItDoes() throws Exception {
    try (ServerSocket server = server(InetAddress.getByName("127.0.0.1"));
        SyslogEngine engine = start("127.0.0.1", server.getLocalPort());
        SSLSocket one = accept(server)) {
      await(engine, Kind.READY);
      CompletableFuture<Outcome> outcome = send(engine, 16 << 20);
      await(engine, Kind.UNREACHABLE);
      assertThat(engine.state().detail()).contains("the connection stands");
      assertThat(engine.isOpen()).isFalse();
      Thread reader =
          new Thread(
              () -> {
                try {
                  one.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                } catch (java.io.IOException e) {
                  // The engine has closed it.
                }
              });
      reader.start();
      assertThat(Await.value(outcome)).isEqualTo(Outcome.ACKNOWLEDGED);
      await(engine, Kind.READY);
    }
  }

  /** A certificate of the right authority, for another host. */
  @Test
  void state_certificateOfAnotherHost_wrongCredentials() throws Exception {
    certificates.signForAnother("server");
    try (ServerSocket server = server(InetAddress.getByName("127.0.0.1"));
        SyslogEngine engine = start("127.0.0.1", server.getLocalPort());
        SSLSocket one = (SSLSocket) server.accept()) {
      new Thread(() -> handshake(one)).start();
      await(engine, Kind.WRONG_CREDENTIALS);
    }
  }

  private static SSLSocket accept(ServerSocket server) throws Exception {
    SSLSocket one = (SSLSocket) server.accept();
    handshake(one);
    return one;
  }

  private static void handshake(SSLSocket one) {
    try {
      one.startHandshake();
    } catch (java.io.IOException e) {
      // The engine does not want it.
    }
  }

  private ServerSocket server(InetAddress address) throws Exception {
    return TlsFiles.context(
            new ShipConfig.Tls(
                Optional.empty(),
                Optional.of(
                    new ShipConfig.Identity(
                        certificates.certificate("server"), certificates.key("server")))))
        .getServerSocketFactory()
        .createServerSocket(0, 5, address);
  }

  private SyslogEngine start(String host, int port) {
    ShipConfig.Tls tls =
        new ShipConfig.Tls(Optional.of(certificates.authority()), Optional.empty());
    return SyslogEngine.start(
        new ShipConfig.Syslog(host, port, tls, 64 << 20),
        new SyslogEncoder(
            new HostFacts("host-1", "rack3"), ZoneOffset.UTC, InstantSource.system(), 64 << 20));
  }

  private static void await(SyslogEngine engine, Kind kind) {
    Await.until(
        "the engine is " + kind,
        () -> engine.state().kind() == kind,
        () -> engine.state().toString());
  }

  private static CompletableFuture<Outcome> send(SyslogEngine engine, int bytes) {
    byte[] text = ("x".repeat(bytes - 1) + "\n").getBytes(UTF_8);
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    engine.send(new Batch(SOURCE, 255, 0, text, text.length, 1), outcome::complete);
    return outcome;
  }
}
