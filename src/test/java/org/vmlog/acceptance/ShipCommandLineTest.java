package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.ProgramProcess;
import org.vmlog.testing.ShipProcess;

/** What vmlog-ship says and exits with when it cannot run. */
class ShipCommandLineTest {
  private static final String MAIN = "org.vmlog.cli.VmlogShipCommand";

  @TempDir Path folder;

  @Test
  void start_wrongConfiguration_exits78AndSaysEverything() throws IOException {
    Path config = Files.writeString(folder.resolve("c.toml"), "[kafka]\ntopic = 'a b'\n");
    try (ProgramProcess ship = launch("--check-config", "--config", config.toString())) {
      assertThat(ship.await()).isEqualTo(78);
      assertThat(ship.log())
          .contains("kafka.bootstrap: is not set, and has no default")
          .contains("kafka.topic = \"a b\": 1 to 249 letters, digits");
    }
  }

  @Test
  void start_noForwarderHasLoggedThere_exits66() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("c.toml"),
            """
            logs.directory = "%1$s/logs"
            state.directory = "%1$s/ship"
            kafka.bootstrap = "127.0.0.1:1"
            """
                .formatted(folder));
    try (ProgramProcess ship = launch("--config", config.toString())) {
      assertThat(ship.await()).isEqualTo(66);
      assertThat(ship.log()).contains("no forwarder has logged here yet");
    }
  }

  @Test
  void start_whileOneRuns_exits69() throws IOException {
    Files.writeString(Files.createDirectory(folder.resolve("logs")).resolve(".layout"), "plain\n");
    String engine = "[kafka]\nbootstrap = \"127.0.0.1:1\"";
    try (ShipProcess first = ShipProcess.start(folder, engine);
        ProgramProcess second = launch("--config", folder.resolve("vmlog-ship.toml").toString())) {
      assertThat(second.await()).isEqualTo(69);
      assertThat(second.log()).contains("is in use by another vmlog-ship; allowed is one");
      assertThat(first.terminate()).isZero();
    }
  }

  private static ProgramProcess launch(String... arguments) throws IOException {
    return ProgramProcess.launchMain(MAIN, arguments);
  }
}
