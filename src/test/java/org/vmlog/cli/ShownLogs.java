package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.zip.GZIPOutputStream;

/** Three VMs' logs, in each format one, with lines of each kind. */
final class ShownLogs {
  static final String[] WEB = {
    "<6>Nov 21 09:00:00 web-1 kernel: Booting Linux",
    "<14>Nov 21 11:00:00 web-1 sshd[312]: Accepted publickey",
    "<11>Nov 21 11:58:00 web-1 sshd[312]: error: Kex",
    "<28>Nov 21 11:58:10 web-1 crosvm[77]: virtio-blk: slow",
    "<44>Nov 21 11:59:00 web-1 forwarder: 3 records dropped (rate limit)",
  };
  static final String[] DB = {
    "<14>1 2026-11-21T11:58:05.123456+00:00 db-1 - - - [vm@32473 owner=\"bob\" cid=\"43\""
        + " channel=\"user\" received=\"2026-11-21T11:58:05.2+00:00\"] postgres[9]: ready",
    "<8>1 2026-11-21T11:58:06.000000+00:00 db-1 - - - [vm@32473 owner=\"bob\" cid=\"43\""
        + " channel=\"user\" received=\"2026-11-21T11:58:07+00:00\"] \u202eevil \u001b[2J",
  };
  static final String[] OLD = {
    "Dec 31 23:59:59 <15>  VM(42):  systemd[1]: Started", "Jan  2 03:04:05 <13>  VM(42): no tag"
  };

  private ShownLogs() {}

  /** Writes them into a folder of the plain layout. */
  static void write(Path folder) throws IOException {
    Files.writeString(Files.createDirectories(folder).resolve(".layout"), "plain\n");
    write(folder.resolve("alice/web-1.log"), WEB, Duration.ofMinutes(1));
    write(folder.resolve("bob/db-1.log"), DB, Duration.ofMinutes(2));
    Path rotated = folder.resolve("bob/old%20vm.log.2.gz");
    write(rotated, OLD, Duration.ofDays(322));
  }

  private static void write(Path file, String[] lines, Duration age) throws IOException {
    Files.createDirectories(file.getParent());
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out = file.toString().endsWith(".gz") ? new GZIPOutputStream(raw) : raw) {
      out.write((String.join("\n", lines) + "\n").getBytes(UTF_8));
    }
    Files.setLastModifiedTime(file, FileTime.from(VmlogRun.NOW.minus(age)));
  }
}
