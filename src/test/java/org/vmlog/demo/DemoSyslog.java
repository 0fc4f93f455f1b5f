package org.vmlog.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vmlog.testing.VmSyslogProcess;

/**
 * A VM's own syslog daemon, vm-syslog as it is installed, which would run inside the VM: what
 * programs write to its socket comes to the host by the VM's door. Confined to one thread.
 */
final class DemoSyslog implements AutoCloseable {
  private static final Path VM_SYSLOG = Path.of("target/vmlog/bin/vm-syslog");

  private final Path devLog;
  private final VmSyslogProcess process;

  private DemoSyslog(Path devLog, VmSyslogProcess process) {
    this.devLog = devLog;
    this.process = process;
  }

  /**
   * Starts a VM's, and returns when programs can log.
   *
   * @param devLog stands for the VM's /dev/log
   */
  static DemoSyslog start(DemoVm vm, Path devLog) throws IOException {
    return new DemoSyslog(
        devLog,
        VmSyslogProcess.startInstalled(
            VM_SYSLOG,
            "--dev-log",
            devLog.toString(),
            "--kmsg",
            "none",
            "--host",
            "unix:" + vm.grpc(),
            "--flush-after",
            "100ms"));
  }

  /** Has logger(1) say something. */
  void logger(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("logger", "--socket", devLog.toString()));
    command.addAll(List.of(arguments));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException("failed: " + String.join(" ", command));
    }
  }

  /** Ends it by SIGTERM: what it was told is with the host then. */
  @Override
  public void close() throws IOException {
    try {
      int unused = process.terminate();
    } finally {
      process.close();
    }
  }
}
