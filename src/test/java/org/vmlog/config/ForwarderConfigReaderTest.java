package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.logging.Level;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.logs.Layout;
import org.vmlog.record.LineFormat;
import org.vmlog.record.ScrubMode;
import org.vmlog.record.SyslogParser;
import org.vmlog.route.SourceLimits;
import org.vmlog.sink.QuotaPolicy;
import org.vmlog.sink.RotationPolicy;
import org.vmlog.sink.SyncMode;

class ForwarderConfigReaderTest {
  private static final ForwarderConfig DEFAULTS =
      new ForwarderConfig(
          new ForwarderConfig.Listen(
              OptionalInt.of(9999),
              Optional.empty(),
              Optional.of(Path.of("/run/vmlog/forwarder.sock")),
              0660,
              Optional.of("vmlog-admin"),
              new ForwarderConfig.StreamListen(
                  OptionalInt.of(9998), Optional.empty(), Optional.empty()),
              new ForwarderConfig.StreamListen(
                  OptionalInt.of(9514), Optional.empty(), Optional.empty())),
          new ForwarderConfig.Logs(
              Path.of("/var/log/vmlog"),
              Layout.PLAIN,
              LineFormat.RFC3164,
              ScrubMode.STANDARD,
              false,
              Optional.empty(),
              SyncMode.NEVER,
              new RotationPolicy(67_108_864, Duration.ofDays(1), 5, true),
              new QuotaPolicy(536_870_912, 4_294_967_296L, 5)),
          new ForwarderConfig.Limits(
              new SourceLimits(20_000, 100_000, 8_388_608),
              4_194_304,
              65_536,
              8,
              64,
              1_048_576,
              25_165_824,
              Duration.ofSeconds(5)),
          new ForwarderConfig.Syslog(Path.of("/dev/log"), 1_048_576, 2),
          new ForwarderConfig.Crosvm(
              Path.of("/run/vmlog/vm"), Optional.of("vmlog-vmm"), SyslogParser.Sender.LOCAL),
          new ForwarderConfig.Dbus(Optional.of("system"), true, false, false),
          new ForwarderConfig.Attribution(true, false, false),
          Path.of("/var/lib/vmlog"),
          new ForwarderConfig.Metrics(
              Optional.of(UnixDomainSocketAddress.of("/run/vmlog/metrics.sock"))),
          Level.INFO,
          List.of());

  @TempDir Path folder;
  private ConfigFolder config;

  @BeforeEach
  void openFolder() {
    config = new ConfigFolder(folder);
  }

  @Test
  void readDefault_noFile_hasTheDefaults() throws Exception {
    assertThat(config.readDefault()).isEqualTo(DEFAULTS);
    assertThat(config.notices).isEmpty();
  }

  @Test
  void readDefault_noMainFile_readsTheDropIns() throws Exception {
    config.dropIn("a.toml", "log.level = 'debug'");

    assertThat(config.readDefault().logLevel()).isEqualTo(Level.FINE);
  }

  @Test
  void read_emptyFile_hasTheDefaults() throws Exception {
    assertThat(config.main("").read()).isEqualTo(DEFAULTS);
  }

  @Test
  void read_noSuchFile_namesIt() {
    assertThatThrownBy(config::read)
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(config.main.toString());
  }

  @Test
  void read_journaldTrue_isTheHostsJournal() throws Exception {
    config.main("logs.journald = true");

    assertThat(config.read().logs().journald()).contains(Path.of("/run/systemd/journal/socket"));
  }

  @Test
  void read_profileChromeos_isWhatConciergeKnows() throws Exception {
    config.main("profile = 'chromeos'");

    ForwarderConfig.Logs logs = config.read().logs();

    assertThat(logs.directory()).isEqualTo(Path.of("/run/daemon-store/crosvm"));
    assertThat(logs.layout()).isEqualTo(Layout.CHROMEOS);
    assertThat(logs.format()).isEqualTo(LineFormat.CHROMEOS);
    assertThat(logs.rotation().compress()).isFalse();
    assertThat(logs.rotation().keep()).isEqualTo(5);
    assertThat(logs.rotation().expire()).contains(Duration.ofDays(5));
  }

  @Test
  void read_keyBesideAProfile_goesBeforeIt() throws Exception {
    config.main("profile = 'chromeos'", "[logs]", "directory = '/srv/log'");
    config.dropIn("10-gzip.toml", "logs.rotation.compress = true");

    ForwarderConfig.Logs logs = config.read().logs();

    assertThat(logs.directory()).isEqualTo(Path.of("/srv/log"));
    assertThat(logs.layout()).isEqualTo(Layout.CHROMEOS);
    assertThat(logs.rotation().compress()).isTrue();
  }

  @Test
  void read_profileThatIsNone_isRefused() throws Exception {
    config.main("profile = 'chromos'");

    assertThat(config.errors()).singleElement().asString().contains("profile", "\"chromeos\"");
  }

  @Test
  void read_everyKeyOfTheContract_isUsed() throws Exception {
    config.main(
        "[listen]",
        "vsock = 1234",
        "tcp = '[::1]:9998'",
        "unix = '/tmp/f.sock'",
        "unix_mode = '0600'",
        "unix_group = 'vmlog-vmm'",
        "journal = 77",
        "journal_tcp = '10.0.7.1:78'",
        "journal_unix = '/tmp/j.sock'",
        "syslog = false",
        "syslog_tcp = '10.0.7.1:514'",
        "syslog_unix = '/tmp/s.sock'",
        "[logs]",
        "directory = '/srv/log'",
        "layout = 'chromeos'",
        "format = 'rfc5424'",
        "scrub = 'strict'",
        "copy_to_syslog = true",
        "journald = '/run/systemd/journal.vms/socket'",
        "sync = 'interval'",
        "[logs.rotation]",
        "max_size = '1GiB'",
        "max_age = '90m'",
        "keep = 0",
        "compress = false",
        "expire = '90d'",
        "[logs.quota]",
        "per_vm = '1MiB'",
        "total = '1025KiB'",
        "keep_free = '0%'",
        "[limits]",
        "max_request = 8192",
        "max_records = 7",
        "connections_per_identity = 9",
        "connections_anonymous = 0",
        "records_per_second = 30",
        "burst = 31",
        "bytes_per_second = '5000'",
        "pipe = '64KiB'",
        "pipes_total = '70000'",
        "hold = '0s'",
        "[syslog]",
        "socket = '/run/log'",
        "queue = '128KiB'",
        "max_severity = 'debug'",
        "[crosvm]",
        "socket_directory = '/run/vm'",
        "sender = 'relay'",
        "group = 'vmlog-admin'",
        "[dbus]",
        "address = 'unix:path=/tmp/bus'",
        "concierge = false",
        "machined = true",
        "libvirt = true",
        "[attribution]",
        "log_connector = false",
        "tcp_anonymous = true",
        "insecure_loopback_identity = true",
        "[state]",
        "directory = '/srv/state'",
        "[metrics]",
        "listen = '127.0.0.1:9464'",
        "[log]",
        "level = 'warning'",
        "[[vm]]",
        "owner = 'abc123'",
        "name = 'web-1'",
        "cid = 42",
        "address = '127.0.0.9'",
        "hybrid_vsock = '/run/fc/web-1/v.sock'",
        "[[vm]]",
        "owner = 'abc123'",
        "name = 'web-2'");

    assertThat(config.read())
        .isEqualTo(
            new ForwarderConfig(
                new ForwarderConfig.Listen(
                    OptionalInt.of(1234),
                    Optional.of(new InetSocketAddress(InetAddress.getByName("::1"), 9998)),
                    Optional.of(Path.of("/tmp/f.sock")),
                    0600,
                    Optional.of("vmlog-vmm"),
                    new ForwarderConfig.StreamListen(
                        OptionalInt.of(77),
                        Optional.of(new InetSocketAddress(InetAddress.getByName("10.0.7.1"), 78)),
                        Optional.of(Path.of("/tmp/j.sock"))),
                    new ForwarderConfig.StreamListen(
                        OptionalInt.empty(),
                        Optional.of(new InetSocketAddress(InetAddress.getByName("10.0.7.1"), 514)),
                        Optional.of(Path.of("/tmp/s.sock")))),
                new ForwarderConfig.Logs(
                    Path.of("/srv/log"),
                    Layout.CHROMEOS,
                    LineFormat.RFC5424,
                    ScrubMode.STRICT,
                    true,
                    Optional.of(Path.of("/run/systemd/journal.vms/socket")),
                    SyncMode.INTERVAL,
                    new RotationPolicy(
                        1 << 30,
                        Duration.ofMinutes(90),
                        0,
                        false,
                        Optional.of(Duration.ofDays(90))),
                    new QuotaPolicy(1_048_576, 1_049_600, 0)),
                new ForwarderConfig.Limits(
                    new SourceLimits(30, 31, 5000), 8192, 7, 9, 0, 65_536, 70_000, Duration.ZERO),
                new ForwarderConfig.Syslog(Path.of("/run/log"), 131_072, 7),
                new ForwarderConfig.Crosvm(
                    Path.of("/run/vm"), Optional.of("vmlog-admin"), SyslogParser.Sender.RELAY),
                new ForwarderConfig.Dbus(Optional.of("unix:path=/tmp/bus"), false, true, true),
                new ForwarderConfig.Attribution(false, true, true),
                Path.of("/srv/state"),
                new ForwarderConfig.Metrics(
                    Optional.of(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 9464))),
                Level.WARNING,
                List.of(
                    new VmSpec(
                        new VmId("abc123", "web-1"),
                        OptionalLong.of(42),
                        Set.of(InetAddress.getByName("127.0.0.9")),
                        Optional.of(Path.of("/run/fc/web-1/v.sock")),
                        Optional.empty()),
                    VmSpec.named(new VmId("abc123", "web-2")))));
  }

  @Test
  void read_false_turnsDoorsOff() throws Exception {
    ForwarderConfig read =
        config
            .main(
                "listen.vsock = false",
                "listen.tcp = false",
                "listen.unix = false",
                "listen.unix_group = false",
                "dbus.address = false",
                "crosvm.group = false")
            .read();

    assertThat(read.listen())
        .isEqualTo(
            new ForwarderConfig.Listen(
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                0660,
                Optional.empty(),
                new ForwarderConfig.StreamListen(
                    OptionalInt.empty(), Optional.empty(), Optional.empty()),
                new ForwarderConfig.StreamListen(
                    OptionalInt.empty(), Optional.empty(), Optional.empty())));
    assertThat(read.dbus().address()).isEmpty();
    assertThat(read.crosvm().group()).isEmpty();
  }

  @Test
  void read_dropIns_overrideInTheOrderOfTheirNames() throws Exception {
    config.main("[logs]", "layout = 'chromeos'", "format = 'rfc5424'", "[log]", "level = 'error'");
    config.dropIn("20-b.toml", "[logs]", "format = 'chromeos'");
    config.dropIn("10-a.toml", "[logs]", "format = 'rfc3164'", "scrub = 'strict'");
    config.dropIn(".hidden.toml", "no such = 'thing'");
    config.dropIn("30-c.toml.bak", "no such = 'thing'");

    ForwarderConfig read = config.read();

    assertThat(read.logs().layout()).isEqualTo(Layout.CHROMEOS);
    assertThat(read.logs().format()).isEqualTo(LineFormat.CHROMEOS);
    assertThat(read.logs().scrub()).isEqualTo(ScrubMode.STRICT);
    assertThat(read.logLevel()).isEqualTo(Level.SEVERE);
  }

  @Test
  void read_dropIns_addTheirVms() throws Exception {
    config.main("[[vm]]", "owner = 'a'", "name = 'one'");
    config.dropIn("a.toml", "[[vm]]", "owner = 'a'", "name = 'two'");

    assertThat(config.read().vms())
        .extracting(VmSpec::id)
        .containsExactly(new VmId("a", "one"), new VmId("a", "two"));
  }

  @Test
  void read_overriddenBadValue_isNotUsed() throws Exception {
    config.main("log.level = 'loud'");
    config.dropIn("a.toml", "log.level = 'debug'");

    assertThat(config.read().logLevel()).isEqualTo(Level.FINE);
  }

  @Test
  void read_publicReader_readsRealFiles() throws Exception {
    Path file = Files.writeString(folder.resolve("other.toml"), "[log]\nlevel = 'error'\n");

    assertThat(new ForwarderConfigReader(Map.of()).read(file).logLevel()).isEqualTo(Level.SEVERE);
  }
}
