package org.vmlog.config;

import java.time.Duration;
import java.util.Optional;
import org.vmlog.route.SourceLimits;

/** {@code [limits]}. Thread-safe. */
final class LimitsSection {
  /** Of one pipe, whatever it leads to. */
  static final ValueType<Long> PIPE_SIZE = Sizes.between(64 * Sizes.KIB, Sizes.GIB);

  /** gRPC's clients give up a connection on which they have heard nothing for 20 s. */
  private static final Duration MAX_HOLD = Duration.ofSeconds(15);

  private static final long MOST_RECORDS = 100_000_000;
  private static final ValueType<Long> COUNT = ValueTypes.integer(1, MOST_RECORDS);

  /**
   * Reads the section.
   *
   * @param perVmBytes the quota of one VM's log: what waits in a pipe is written at once
   */
  static ForwarderConfig.Limits read(TomlView limits, long perVmBytes, ConfigErrors errors) {
    long maxRequest =
        limits.get("max_request", Sizes.between(4 * Sizes.KIB, 64 * Sizes.MIB), 4 * Sizes.MIB);
    long maxRecords = limits.get("max_records", ValueTypes.integer(1, Integer.MAX_VALUE), 65_536L);
    long pipe = limits.get("pipe", PIPE_SIZE, Sizes.MIB);
    long pipesTotal = limits.get("pipes_total", Sizes.atLeast(0), 24 * Sizes.MIB);
    if (pipesTotal < pipe) {
      refuseTotal(limits, pipe, pipesTotal, errors);
    }
    long perIdentity = limits.get("connections_per_identity", ValueTypes.integer(1, 1024), 8L);
    long anonymous = limits.get("connections_anonymous", ValueTypes.integer(0, 8192), 64L);
    if (pipe > perVmBytes) {
      refusePipe(limits, "logs.quota.per_vm", perVmBytes, errors);
    }
    return new ForwarderConfig.Limits(
        source(limits, errors),
        (int) maxRequest,
        (int) maxRecords,
        (int) perIdentity,
        (int) anonymous,
        (int) pipe,
        pipesTotal,
        limits.get("hold", Durations.between(Duration.ZERO, MAX_HOLD), Duration.ofSeconds(5)));
  }

  private static SourceLimits source(TomlView limits, ConfigErrors errors) {
    long rate = limits.get("records_per_second", COUNT, 20_000L);
    long burst = limits.get("burst", COUNT, Math.min(5 * rate, MOST_RECORDS));
    if (burst < rate) {
      limits
          .find("burst")
          .ifPresent(
              one ->
                  errors.add(one.refused("at least limits.records_per_second, which is " + rate)));
    }
    long bytes = limits.get("bytes_per_second", Sizes.atLeast(4 * Sizes.KIB), 8 * Sizes.MIB);
    return new SourceLimits((int) rate, (int) burst, bytes);
  }

  /** Blames the key that somebody set; if both are, the total. */
  private static void refuseTotal(
      TomlView limits, long pipe, long pipesTotal, ConfigErrors errors) {
    Optional<Setting> total = limits.find("pipes_total");
    if (total.isPresent()) {
      errors.add(total.get().refused("at least limits.pipe, which is " + Sizes.format(pipe)));
    } else {
      refusePipe(limits, "limits.pipes_total", pipesTotal, errors);
    }
  }

  private static void refusePipe(TomlView limits, String key, long most, ConfigErrors errors) {
    String message = "at most " + key + ", which is " + Sizes.format(most);
    limits.find("pipe").ifPresent(one -> errors.add(one.refused(message)));
  }

  private LimitsSection() {}
}
