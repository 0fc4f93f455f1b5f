package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.wire.HostAddress;

class GuestConfigReaderTest {
  @TempDir Path folder;

  @Test
  void read_nothing_hasTheDefaults() throws Exception {
    GuestConfig config = read(Map.of());

    assertThat(config.sources().devLog())
        .contains(new GuestConfig.DevLog(Path.of("/dev/log"), GuestConfig.SocketType.DGRAM));
    assertThat(config.sources().devLogRequired()).isFalse();
    assertThat(config.sources().kmsg()).contains(Path.of("/dev/kmsg"));
    assertThat(config.sources().kmsgRequired()).isFalse();
    assertThat(config.host()).isEqualTo(new HostAddress.Vsock(2, 9999));
    assertThat(config.flush()).isEqualTo(new GuestConfig.Flush(4096, Duration.ofSeconds(5)));
    assertThat(config.buffer())
        .isEqualTo(new GuestConfig.Buffer(4 << 20, Optional.empty(), 64 << 20));
    assertThat(config.runtimeDirectory()).isEmpty();
  }

  @Test
  void read_aFlagAndAKey_isTheFlags() throws Exception {
    Path file =
        Files.writeString(folder.resolve("c.toml"), "flush.after = '1s'\nbuffer.memory = 'x'");
    assertThatThrownBy(() -> new GuestConfigReader(Map.of(), Map.of()).read(file))
        .isInstanceOf(ConfigException.class);

    Files.writeString(file, "flush.after = '1s'\nflush.bytes = 0");
    GuestConfig config = new GuestConfigReader(Map.of(), Map.of("--flush-after", "2s")).read(file);
    assertThat(config.flush()).isEqualTo(new GuestConfig.Flush(0, Duration.ofSeconds(2)));
  }

  @Test
  void read_aBufferThatTheHeapDoesNotHold_isRefused() {
    long heapMib = Runtime.getRuntime().maxMemory() >> 20;
    assertThatThrownBy(() -> read(Map.of("--buffer", heapMib * 3 / 4 + "MiB")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--buffer")
        .hasMessageContaining("at most ")
        .hasMessageContaining("VM_SYSLOG_JAVA_OPTS=-Xmx");
  }

  @Test
  void read_none_turnsASourceOff() throws Exception {
    GuestConfig config = read(Map.of("--dev-log", "none", "--kmsg", "none"));

    assertThat(config.sources().devLog()).isEmpty();
    assertThat(config.sources().kmsg()).isEmpty();
    assertThat(config.sources().kmsgRequired()).isTrue();
  }

  @Test
  void read_hostAddresses_ofEachFamily() throws Exception {
    assertThat(host("vsock:4294967294:1")).isEqualTo(new HostAddress.Vsock(4294967294L, 1));
    assertThat(host("unix:/run/x")).isEqualTo(new HostAddress.Unix(Path.of("/run/x")));
    InetAddress address = InetAddress.getByAddress(new byte[] {10, 0, 7, 1});
    assertThat(host("10.0.7.1:9999"))
        .isEqualTo(new HostAddress.Tcp(new InetSocketAddress(address, 9999)));
    assertThat(host("[fd00::1]:9999")).hasToString("[fd00:0:0:0:0:0:0:1]:9999");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vsock",
        "vsock:2",
        "vsock:2:0",
        "vsock:4294967295:9999",
        "vsock:2:4294967295",
        "vsock:-1:9999",
        "unix:",
        "unix:relative",
        "localhost:9999",
        "10.0.7.1",
        "10.0.7.1:0",
        "none",
      })
  void read_whatIsNoHostAddress_isRefusedByItsFlag(String address) {
    assertThatThrownBy(() -> read(Map.of("--host", address)))
        .isInstanceOfSatisfying(
            ConfigException.class, e -> assertThat(GuestConfigReader.isOfFlags(e)).isTrue())
        .hasMessageStartingWith("command line: --host = ");
  }

  @Test
  void read_aPathTooLongForASocket_saysHowLongItMayBe() {
    assertThatThrownBy(() -> host("unix:/" + "x".repeat(107)))
        .hasMessageEndingWith("a path of at most 107 bytes; this one has 108");
  }

  @Test
  void read_theRuntimeDirectory_isSystemds() throws Exception {
    GuestConfig config =
        new GuestConfigReader(
                Map.of("RUNTIME_DIRECTORY", "/run/vm-syslog"), Map.of(), folder.resolve("no"))
            .readDefault();
    assertThat(config.runtimeDirectory()).contains(Path.of("/run/vm-syslog"));
  }

  private HostAddress host(String address) throws Exception {
    return read(Map.of("--host", address)).host();
  }

  private GuestConfig read(Map<String, String> flags) throws Exception {
    return new GuestConfigReader(Map.of(), flags, folder.resolve("no")).readDefault();
  }
}
