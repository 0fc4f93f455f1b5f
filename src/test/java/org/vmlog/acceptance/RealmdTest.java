package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.vmlog.testing.Realms.component;
import static org.vmlog.testing.Realms.say;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.StreamSocketFixture;
import org.vmlog.proto.attribution.LogConnection;
import org.vmlog.realm.dbus.RealmDaemon;
import org.vmlog.realm.dbus.RealmsClient;
import org.vmlog.testing.InProcessForwarder;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.ProgramProcess;
import org.vmlog.testing.Realms;
import org.vmlog.testing.TestHost;
import org.vmlog.wire.SinkClient;

/** {@code vmlog-realmd} as a program, and a listener that is not ours. */
@Timeout(120)
final class RealmdTest {
  private static final String REALMD = "org.vmlog.cli.RealmdCommand";

  /** Debian's own, whatever else is first on the path. */
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir Path folder;

  private PrivateBus bus;

  @BeforeEach
  void start() throws IOException {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    bus = PrivateBus.create().start();
  }

  @AfterEach
  void stop() {
    if (bus != null) {
      bus.close();
    }
  }

  @Test
  void realmd_killedAtEachStep_costsNothingThatWasHandedOver() throws Exception {
    TestHost host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
    SinkClient handedOver;
    Descriptor waiting;
    try (ProgramProcess realmd = realmd();
        RealmsClient launcher = RealmsClient.connect(bus.address())) {
      // Killed while a connection waits that nobody has taken: its component is told by the end.
      waiting = launcher.openSink(component("killed/waiting", "1"));
      realmd.kill();
    }
    assertThat(StreamSocketFixture.readToEnd(waiting)).isEmpty();

    try (InProcessForwarder forwarder = InProcessForwarder.start(host)) {
      try (ProgramProcess realmd = realmd();
          RealmsClient launcher = RealmsClient.connect(bus.address())) {
        Realms.awaitTaken(bus);
        handedOver = Realms.client(launcher.openSink(component("killed/cart", "1")));
        handedOver.collect(Realms.request("before 1")).get();
        realmd.kill();
      }
      handedOver.collect(Realms.request("after 2")).get();
      try (ProgramProcess realmd = realmd();
          RealmsClient launcher = RealmsClient.connect(bus.address())) {
        Realms.awaitTaken(bus);
        say(launcher, component("killed/cart", "2"), "of the next broker 3");
        assertThat(realmd.terminate()).isZero();
      }
      handedOver.collect(Realms.request("still 4")).get();
      handedOver.close();
    }
    assertThat(LogFiles.numbers(host.componentLog("killed/cart"))).containsExactly(1, 2, 3, 4);
  }

  private ProgramProcess realmd() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("realmd.toml"),
            """
            [dbus]
            address = "%s"
            [access]
            group = false
            [sinks]
            directory = "%s"
            group = false
            """
                .formatted(bus.address(), folder.resolve("sinks")));
    return ProgramProcess.launchMain(REALMD, "--config", config.toString()).awaitReady();
  }

  @Test
  void listener_inAnotherLanguage_readsWhatOursReads() throws Exception {
    assumeTrue(
        Files.exists(Path.of("/usr/lib/python3/dist-packages/gi/__init__.py")),
        "GLib for Python is missing (Debian package python3-gi)");
    try (RealmDaemon broker = Realms.broker(bus, folder);
        RealmsClient launcher = RealmsClient.connect(bus.address())) {
      try (Descriptor early = launcher.openSink(component("shop/early", "1"))) {
        StreamSocketFixture.write(early, "queued");
      }
      Process taker =
          new ProcessBuilder(PYTHON, "src/test/python/taker.py", bus.address())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(taker.getInputStream(), StandardCharsets.UTF_8))) {
        assertThat(lines.readLine()).isEqualTo("taken");
        assertHandedOver(lines.readLine(), "early", "queued");
        try (Descriptor late = launcher.openSink(component("shop/late", "1"))) {
          StreamSocketFixture.write(late, "live");
        }
        assertHandedOver(lines.readLine(), "late", "live");
      } finally {
        taker.destroyForcibly();
      }
    }
  }

  private static void assertHandedOver(String line, String name, String said) throws Exception {
    String[] parts = line.split(" ", -1);
    assertThat(parts[0]).isEqualTo("SEQPACKET");
    assertThat(parts[1]).isEqualTo("1");
    LogConnection connection = LogConnection.parseFrom(HexFormat.of().parseHex(parts[2]));
    assertThat(connection.getSourceIdentity().getRealmPathList()).containsExactly("shop");
    assertThat(connection.getSourceIdentity().getComponentName()).isEqualTo(name);
    assertThat(connection.getSourceIdentity().getComponentUrl()).isEqualTo("test:///component");
    assertThat(connection.getSourceIdentity().getInstanceId()).isEqualTo("1");
    assertThat(parts[3]).isEqualTo(said);
  }
}
