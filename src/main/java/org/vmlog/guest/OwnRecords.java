package org.vmlog.guest;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import org.vmlog.record.LogEntry;

/**
 * What vm-syslog itself says in the VM's log, as a program of the guest would: {@code
 * vm-syslog[PID]: TEXT}, a warning. Thread-safe.
 */
final class OwnRecords {
  private static final int WARNING = 4;

  private final InstantSource clock;

  OwnRecords(InstantSource clock) {
    this.clock = clock;
  }

  /** What its own lines begin with, behind the time. */
  static String tag() {
    return "vm-syslog[" + ProcessHandle.current().pid() + "]: ";
  }

  LogEntry saying(String text) {
    byte[] content = (" " + tag() + text).getBytes(StandardCharsets.UTF_8);
    Instant now = clock.instant();
    return new LogEntry()
        .set(WARNING, now.getEpochSecond(), now.getNano(), content, 0, content.length);
  }
}
