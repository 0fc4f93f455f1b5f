package org.vmlog.doctor;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.platform.Amount;

/** Whether there is room for lines. Confined to one thread. */
final class DiskCheck {
  private final ForwarderConfig config;
  private final ServiceChecks service;

  DiskCheck(ForwarderConfig config, ServiceChecks service) {
    this.config = config;
    this.service = service;
  }

  Finding look() {
    Path folder = config.logs().directory();
    if (!Files.isDirectory(folder)) {
      return Finding.note("cannot be told without " + folder, "mend that first");
    }
    File disk = folder.toFile(); // not a FileStore, which is not found for a chroot's root
    int keepFree = config.logs().quota().keepFreePercent();
    long free = disk.getUsableSpace();
    String room =
        "%s of %s are free".formatted(Amount.bytes(free), Amount.bytes(disk.getTotalSpace()));
    if (free == 0 || free < disk.getTotalSpace() / 100 * keepFree) {
      return Finding.wrong(
          "%s below %s, and logs.quota.keep_free is %s%%: old logs go, then lines are refused"
              .formatted(room, folder, keepFree),
          "make room on that file system, or give the logs one of their own");
    }
    return Finding.ok(room + used());
  }

  private String used() {
    OptionalDouble used = one("vmlog_disk_used_bytes");
    OptionalDouble capacity = one("vmlog_disk_capacity_bytes");
    return used.isPresent() && capacity.isPresent()
        ? ", and logs take %s of the %s that they may"
            .formatted(
                Amount.bytes((long) used.getAsDouble()),
                Amount.bytes((long) capacity.getAsDouble()))
        : "";
  }

  private OptionalDouble one(String metric) {
    return service.page().map(page -> page.one(metric)).orElse(OptionalDouble.empty());
  }
}
