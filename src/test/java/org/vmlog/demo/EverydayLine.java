package org.vmlog.demo;

import java.io.IOException;
import java.util.List;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.record.Channel;

/**
 * A line such as guests and VMMs send all day. Immutable.
 *
 * @param text a format whose one argument counts up
 */
record EverydayLine(Channel channel, LogSeverity severity, String text) {

  // A guest's syslog daemon leaves the space after the time in front of what programs say.
  static final List<EverydayLine> BOOT_OF_WEB_1 =
      List.of(
          vmm(LogSeverity.INFO, "crosvm[4711]: booting a kernel of 11 MiB"),
          kernel(LogSeverity.NOTICE, "Linux version 6.1.0-42-cloud-amd64"),
          kernel(LogSeverity.INFO, "virtio_blk virtio2: [vda] 8388608 512-byte logical blocks"),
          user(LogSeverity.INFO, " systemd[1]: Reached target multi-user.target."),
          user(LogSeverity.NOTICE, " nginx[311]: listening on port 80"));

  static final List<EverydayLine> BOOT_OF_DB_1 =
      List.of(
          kernel(LogSeverity.NOTICE, "Linux version 6.1.0-42-cloud-amd64"),
          kernel(LogSeverity.WARNING, "EXT4-fs (vdb): recovery complete"),
          user(LogSeverity.INFO, " postgres[208]: database system is ready"));

  static final List<EverydayLine> DAY_OF_WEB_1 =
      List.of(
          user(LogSeverity.INFO, " nginx[311]: GET /orders/%d 200"),
          user(LogSeverity.INFO, " nginx[311]: GET /orders/%d/items 200"),
          user(LogSeverity.WARNING, " sshd[%d]: Failed password for root"),
          vmm(LogSeverity.INFO, "crosvm[4711]: balloon at %d MiB"));

  static final List<EverydayLine> DAY_OF_DB_1 =
      List.of(
          user(LogSeverity.INFO, " postgres[208]: checkpoint complete: wrote %d buffers"),
          kernel(LogSeverity.INFO, "vdb: %d sectors discarded"),
          user(LogSeverity.ERROR, " postgres[208]: duplicate key (id)=(%d)"));

  private static EverydayLine kernel(LogSeverity severity, String text) {
    return new EverydayLine(Channel.KERNEL, severity, text);
  }

  private static EverydayLine user(LogSeverity severity, String text) {
    return new EverydayLine(Channel.USER, severity, text);
  }

  private static EverydayLine vmm(LogSeverity severity, String text) {
    return new EverydayLine(Channel.VMM, severity, text);
  }

  void sayBy(DemoVm vm, int count) throws IOException {
    vm.say(channel, severity, text.formatted(count));
  }
}
