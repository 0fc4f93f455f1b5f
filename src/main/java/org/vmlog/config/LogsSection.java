package org.vmlog.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.vmlog.logs.Layout;
import org.vmlog.record.LineFormat;
import org.vmlog.record.ScrubMode;
import org.vmlog.sink.QuotaPolicy;
import org.vmlog.sink.RetentionPolicy;
import org.vmlog.sink.RotationPolicy;
import org.vmlog.sink.SyncMode;

/** {@code [logs]}, {@code [logs.rotation]} and {@code [logs.quota]}. Thread-safe. */
final class LogsSection {
  static final Choice<Layout> LAYOUT = Choice.ofEnum(Layout.PLAIN, Layout.CHROMEOS);
  static final Choice<SyncMode> SYNC =
      Choice.ofEnum(SyncMode.NEVER, SyncMode.INTERVAL, SyncMode.ALWAYS);

  private static final Path DEFAULT_DIRECTORY = Path.of("/var/log/vmlog");
  static final Path DEFAULT_SHIPPER_STATE = Path.of("/var/lib/vmlog-ship");

  private static final ValueType<Duration> RETENTION = Durations.atLeast(Duration.ofSeconds(1));
  private static final int MAX_KEEP = 1000;

  /** More, and a disk would be kept free that nobody may use. */
  private static final int MAX_KEEP_FREE_PERCENT = 90;

  private static final Path JOURNAL = Path.of("/run/systemd/journal/socket");

  /** {@code true} for the host's journal, a path for that of a namespace. */
  private static final ValueType<Path> JOURNALD =
      toml -> {
        try {
          return Boolean.TRUE.equals(toml) ? JOURNAL : ValueTypes.ABSOLUTE_PATH.parse(toml);
        } catch (BadValueException e) {
          throw new BadValueException("true or the absolute path of a journal's socket");
        }
      };

  private static final ValueType<Long> QUOTA = Sizes.atLeast(Sizes.MIB);

  /**
   * Reads the section.
   *
   * @param systemdDirectory where the files go if the section does not say
   * @param shipperState where vmlog-ship's state is if the section does not say
   */
  static ForwarderConfig.Logs read(
      TomlView logs,
      Optional<Path> systemdDirectory,
      Optional<Path> shipperState,
      ConfigErrors errors) {
    return new ForwarderConfig.Logs(
        logs.get("directory", ValueTypes.ABSOLUTE_PATH, systemdDirectory.orElse(DEFAULT_DIRECTORY)),
        logs.get("layout", LAYOUT, Layout.PLAIN),
        logs.get("format", Choice.FORMAT, LineFormat.RFC3164),
        logs.get("scrub", Choice.SCRUB, ScrubMode.STANDARD),
        logs.get("copy_to_syslog", ValueTypes.BOOLEAN, false),
        logs.get("journald", JOURNALD.orFalse(), Optional.empty()),
        logs.get("sync", SYNC, SyncMode.NEVER),
        rotation(logs.table("rotation")),
        quota(logs.table("quota"), shipperState.orElse(DEFAULT_SHIPPER_STATE), errors));
  }

  private static RotationPolicy rotation(TomlView rotation) {
    return new RotationPolicy(
        rotation.get("max_size", Sizes.atLeast(256 * Sizes.KIB), 64 * Sizes.MIB),
        rotation.get("max_age", Durations.atLeast(Duration.ofSeconds(1)), Duration.ofDays(1)),
        rotation.get("keep", ValueTypes.integer(0, MAX_KEEP), 5L).intValue(),
        rotation.get("compress", ValueTypes.BOOLEAN, true),
        rotation.get("expire", RETENTION.orFalse(), Optional.empty()));
  }

  /** No quota can be turned off: what guests may write would have no end. */
  private static QuotaPolicy quota(TomlView quota, Path shipperState, ConfigErrors errors) {
    long perVm = quota.get("per_vm", QUOTA, 512 * Sizes.MIB);
    long total = quota.get("total", QUOTA, 4 * Sizes.GIB);
    int keepFree = quota.get("keep_free", ValueTypes.percentage(MAX_KEEP_FREE_PERCENT), 5);
    if (total < perVm) {
      refuseTotal(quota, perVm, total, errors);
    }
    return new QuotaPolicy(perVm, total, keepFree, retention(quota, shipperState));
  }

  private static Optional<RetentionPolicy> retention(TomlView quota, Path shipperState) {
    Path shipper = quota.get("shipper_state", ValueTypes.ABSOLUTE_PATH, shipperState);
    return quota
        .get("retain_until_shipped", RETENTION.orFalse(), Optional.empty())
        .map(limit -> new RetentionPolicy(shipper, limit));
  }

  /** Blames the key that somebody set; if both are, the total. */
  private static void refuseTotal(TomlView quota, long perVm, long total, ConfigErrors errors) {
    Optional<Setting> setting = quota.find("total");
    if (setting.isPresent()) {
      errors.add(
          setting.get().refused("at least logs.quota.per_vm, which is " + Sizes.format(perVm)));
    } else {
      quota
          .find("per_vm")
          .ifPresent(
              one ->
                  errors.add(
                      one.refused("at most logs.quota.total, which is " + Sizes.format(total))));
    }
  }

  private LogsSection() {}
}
