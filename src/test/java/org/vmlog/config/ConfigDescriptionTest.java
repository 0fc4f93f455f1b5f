package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
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
import org.vmlog.sink.RetentionPolicy;
import org.vmlog.sink.RotationPolicy;
import org.vmlog.sink.SyncMode;

class ConfigDescriptionTest {
  @TempDir Path folder;
  private ConfigFolder config;

  @BeforeEach
  void openFolder() {
    config = new ConfigFolder(folder);
  }

  @Test
  void of_defaultsAndAVm_saysEveryKey() throws Exception {
    config.main("[[vm]]", "owner = 'alice'", "name = 'web-1'", "cid = 42", "address = '10.0.7.2'");

    assertThat(ConfigDescription.of(config.read()))
        .isEqualTo(
            """
            [listen]
            vsock = 9999
            tcp = false
            unix = "/run/vmlog/forwarder.sock"
            unix_mode = "0660"
            unix_group = "vmlog-admin"
            journal = 9998
            journal_tcp = false
            journal_unix = false
            syslog = 9514
            syslog_tcp = false
            syslog_unix = false

            [logs]
            directory = "/var/log/vmlog"
            layout = "plain"
            format = "rfc3164"
            scrub = "standard"
            copy_to_syslog = false
            sync = "never"
            journald = false

            [logs.rotation]
            max_size = "64MiB"
            max_age = "1d"
            keep = 5
            compress = true
            expire = false

            [logs.quota]
            per_vm = "512MiB"
            total = "4GiB"
            keep_free = "5%"
            retain_until_shipped = false
            shipper_state = "/var/lib/vmlog-ship"

            [limits]
            records_per_second = 20000
            burst = 100000
            bytes_per_second = "8MiB"
            max_request = "4MiB"
            max_records = 65536
            connections_per_identity = 8
            connections_anonymous = 64
            pipe = "1MiB"
            pipes_total = "24MiB"
            hold = "5s"

            [syslog]
            socket = "/dev/log"
            queue = "1MiB"
            max_severity = "crit"

            [crosvm]
            socket_directory = "/run/vmlog/vm"
            group = "vmlog-vmm"
            sender = "local"

            [dbus]
            address = "system"
            concierge = true
            machined = false
            libvirt = false

            [attribution]
            log_connector = true
            tcp_anonymous = false
            insecure_loopback_identity = false

            [state]
            directory = "/var/lib/vmlog"

            [metrics]
            listen = "unix:/run/vmlog/metrics.sock"

            [log]
            level = "info"

            [[vm]]
            owner = "alice"
            name = "web-1"
            cid = 42
            address = "10.0.7.2"
            """);
  }

  @Test
  void of_anyConfiguration_readsBackAsTheSame() throws Exception {
    long seed = Long.getLong("vmlog.seed", System.nanoTime());
    System.out.println("ConfigDescriptionTest: vmlog.seed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      ForwarderConfig any = anyConfig(random);

      config.main(ConfigDescription.of(any));

      assertThat(config.read()).as("seed %d, round %d", seed, i).isEqualTo(any);
    }
    assertThat(config.notices).isEmpty();
  }

  private static OptionalInt anyPort(Random random) {
    return random.nextBoolean()
        ? OptionalInt.empty()
        : OptionalInt.of(1 + random.nextInt(Integer.MAX_VALUE));
  }

  private static ForwarderConfig anyConfig(Random random) throws UnknownHostException {
    int rate = 1 + random.nextInt(1000);
    int pipe = 65_536 + random.nextInt(1 << 20);
    long perVm = (1 << 21) + (random.nextLong() >>> (1 + random.nextInt(40))) / 2;
    List<VmSpec> vms = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      vms.add(anyVm(random, i));
    }
    return new ForwarderConfig(
        new ForwarderConfig.Listen(
            anyPort(random),
            maybe(random, new InetSocketAddress(anyAddress(random), 1 + random.nextInt(65_535))),
            maybe(random, anyPath(random)),
            random.nextInt(01000),
            maybe(random, "vmlog-vmm"),
            anyStreams(random),
            anyStreams(random)),
        new ForwarderConfig.Logs(
            anyPath(random),
            Layout.PLAIN,
            List.of(LineFormat.RFC3164, LineFormat.RFC5424, LineFormat.CHROMEOS)
                .get(random.nextInt(3)),
            ScrubMode.values()[random.nextInt(2)],
            random.nextBoolean(),
            maybe(random, anyPath(random)),
            SyncMode.values()[random.nextInt(3)],
            new RotationPolicy(
                262_144 + (random.nextLong() >>> (1 + random.nextInt(40))) / 2,
                Duration.ofMillis(1000L + random.nextInt() + (1L << 31)),
                random.nextInt(1001),
                random.nextBoolean(),
                maybe(random, Duration.ofSeconds(1 + random.nextInt(1 << 20)))),
            new QuotaPolicy(
                perVm,
                perVm + random.nextInt(1 << 30),
                random.nextInt(91),
                random.nextBoolean()
                    ? Optional.empty()
                    : Optional.of(
                        new RetentionPolicy(
                            anyPath(random), Duration.ofSeconds(1 + random.nextInt(1 << 20)))))),
        new ForwarderConfig.Limits(
            new SourceLimits(rate, rate + random.nextInt(1000), 4096 + random.nextInt(1 << 30)),
            4096 + random.nextInt(60 << 20),
            1 + random.nextInt(Integer.MAX_VALUE),
            1 + random.nextInt(1024),
            random.nextInt(8193),
            pipe,
            pipe + random.nextInt(1 << 20) * 1024L,
            Duration.ofMillis(random.nextInt(15_001))),
        new ForwarderConfig.Syslog(
            anyPath(random), 65_536 + random.nextInt(1 << 20), random.nextInt(8)),
        new ForwarderConfig.Crosvm(
            anyPath(random),
            maybe(random, "vmlog-admin"),
            random.nextBoolean() ? SyslogParser.Sender.LOCAL : SyslogParser.Sender.RELAY),
        new ForwarderConfig.Dbus(
            maybe(random, "unix:path=/tmp/bus,guid=1"),
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean()),
        new ForwarderConfig.Attribution(
            random.nextBoolean(), random.nextBoolean(), random.nextBoolean()),
        anyPath(random),
        new ForwarderConfig.Metrics(
            random.nextBoolean()
                ? Optional.of(UnixDomainSocketAddress.of("/run/m" + random.nextInt(9) + ".sock"))
                : Optional.empty()),
        List.of(Level.SEVERE, Level.WARNING, Level.INFO, Level.FINE).get(random.nextInt(4)),
        vms);
  }

  private static VmSpec anyVm(Random random, int number) throws UnknownHostException {
    return new VmSpec(
        new VmId(anyText(random), anyText(random) + number),
        random.nextBoolean()
            ? OptionalLong.empty()
            : OptionalLong.of(0xFFFF_FFFEL - number - 10L * random.nextInt(1 << 20)),
        maybe(random, InetAddress.getByAddress(new byte[] {10, 1, (byte) number, anyByte(random)}))
            .map(Set::of)
            .orElse(Set.of()),
        maybe(random, anyPath(random).resolve("v" + number)),
        Optional.empty());
  }

  /** Anything but what Path would normalise away, or a locale could not express. */
  private static ForwarderConfig.StreamListen anyStreams(Random random)
      throws UnknownHostException {
    return new ForwarderConfig.StreamListen(
        anyPort(random),
        maybe(random, new InetSocketAddress(anyAddress(random), 9998)),
        maybe(random, anyPath(random)));
  }

  private static Path anyPath(Random random) {
    return Path.of("/srv/\"quoted\\ \n" + random.nextInt());
  }

  private static InetAddress anyAddress(Random random) throws UnknownHostException {
    byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
    random.nextBytes(bytes);
    return InetAddress.getByAddress(bytes);
  }

  private static byte anyByte(Random random) {
    return (byte) random.nextInt();
  }

  /** 1 to 20 characters of the basic plane, controls included, surrogates not. */
  private static String anyText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(20); i >= 0; i--) {
      text.append((char) random.nextInt(random.nextBoolean() ? 0x100 : 0xD800));
    }
    return text.toString();
  }

  private static <T> Optional<T> maybe(Random random, T value) {
    return random.nextBoolean() ? Optional.of(value) : Optional.empty();
  }
}
