package org.vmlog.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.Problems;
import org.vmlog.logs.VmLog;
import org.vmlog.view.LogUsage;

/** Whether the host's time is to be believed. Confined to one thread. */
final class ClockCheck {
  private static final Duration TOLERANCE = Duration.ofMinutes(1);

  /** What those leave that set the clock by others'. */
  private static final List<String> SYNCHRONISED =
      List.of("run/systemd/timesync/synchronized", "run/chrony/chronyd.pid", "run/ntpd.pid");

  private final ForwarderConfig config;
  private final Path root;
  private final InstantSource clock;

  ClockCheck(ForwarderConfig config, Path root, InstantSource clock) {
    this.config = config;
    this.root = root;
    this.clock = clock;
  }

  Finding look() throws IOException {
    Optional<LogUsage> future = writtenInTheFuture();
    if (future.isPresent()) {
      Duration ahead = Duration.between(clock.instant(), future.get().modified());
      return Finding.wrong(
          "%s was written to %s minutes from now: the clock was ahead, or is behind"
              .formatted(future.get().log().current(), ahead.toMinutes()),
          "set it: timedatectl");
    }
    return SYNCHRONISED.stream().anyMatch(file -> Files.exists(root.resolve(file)))
        ? Finding.ok("it is kept by another's")
        : Finding.note("nobody is seen to keep it right", "timedatectl set-ntp true");
  }

  private Optional<LogUsage> writtenInTheFuture() throws IOException {
    if (!Files.isReadable(config.logs().directory())) {
      return Optional.empty();
    }
    Instant limit = clock.instant().plus(TOLERANCE);
    Problems passedOver = (path, cause) -> {};
    for (VmLog log : LogFolder.open(config.logs().directory(), passedOver).logs()) {
      Optional<LogUsage> usage = LogUsage.of(log, passedOver);
      if (usage.isPresent() && usage.get().modified().isAfter(limit)) {
        return usage;
      }
    }
    return Optional.empty();
  }
}
