package org.vmlog.cli;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line of {@link VmSyslog}, with its help and its errors. */
@Command(
    name = "vm-syslog",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    exitCodeOnInvalidInput = ExitCode.USAGE,
    exitCodeOnExecutionException = ExitCode.SOFTWARE,
    description = {
      "Sends what a VM's programs and kernel log to the forwarder on its host.",
      "",
      "Runs in the foreground, inside the VM, in the place of its syslog daemon. SIGTERM sends"
          + " what has come in and ends it."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended by SIGTERM or SIGINT",
      "64:wrong usage",
      "66:a file that was named is missing",
      "69:a socket or the buffer's file is in use",
      "70:no socket could be read any more",
      "74:a file or folder could not be read or written",
      "77:permission denied",
      "78:the configuration is wrong"
    })
public final class VmSyslogCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  private final Map<String, String> flags = new HashMap<>();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = {
        "The same settings in a file. Default: /etc/vmlog/vm-syslog.toml if there is one.",
        "Files vm-syslog.d/*.toml beside it are read after it, in the order of their names."
      })
  void config(String value) {
    flags.put(VmSyslog.CONFIG, value);
  }

  @Option(
      names = "--dev-log",
      paramLabel = "PATH",
      description =
          "The socket that programs log to, or none. Default: /dev/log, unless systemd passes"
              + " sockets")
  void devLog(String value) {
    flags.put("--dev-log", value);
  }

  @Option(
      names = "--dev-log-type",
      paramLabel = "TYPE",
      description = "dgram or stream. Default: dgram")
  void devLogType(String value) {
    flags.put("--dev-log-type", value);
  }

  @Option(
      names = "--journal-socket",
      paramLabel = "PATH",
      description = "The socket that journald forwards to, or none. Default: none")
  void journalSocket(String value) {
    flags.put("--journal-socket", value);
  }

  @Option(
      names = "--sender",
      paramLabel = "WHO",
      description =
          "local: what is said on these sockets is of now; relay: of the time that its text says."
              + " Default: local")
  void sender(String value) {
    flags.put("--sender", value);
  }

  @Option(
      names = "--kmsg",
      paramLabel = "PATH",
      description = "The kernel's log, or none. Default: /dev/kmsg if it may be read")
  void kmsg(String value) {
    flags.put("--kmsg", value);
  }

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "vsock:CID:PORT, unix:PATH or ADDRESS:PORT. Default: vsock:2:9999")
  void host(String value) {
    flags.put("--host", value);
  }

  @Option(
      names = "--flush-bytes",
      paramLabel = "SIZE",
      description = "How much is sent at once, in place of waiting for more. Default: 4KiB")
  void flushBytes(String value) {
    flags.put("--flush-bytes", value);
  }

  @Option(
      names = "--flush-after",
      paramLabel = "TIME",
      description = "How long a record waits for others; an error or worse never does. Default: 5s")
  void flushAfter(String value) {
    flags.put("--flush-after", value);
  }

  @Option(
      names = "--buffer",
      paramLabel = "SIZE",
      description = "The memory for what the host has not taken yet. Default: 4MiB")
  void buffer(String value) {
    flags.put("--buffer", value);
  }

  @Option(
      names = "--buffer-file",
      paramLabel = "PATH",
      description =
          "A file in the place of that memory, which outlives this process; or none."
              + " Default: none")
  void bufferFile(String value) {
    flags.put("--buffer-file", value);
  }

  @Option(
      names = "--buffer-file-size",
      paramLabel = "SIZE",
      description = "How large that file may become. Default: 64MiB")
  void bufferFileSize(String value) {
    flags.put("--buffer-file-size", value);
  }

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description =
          "error, warning, info or debug: of what this program says on stderr. Default: info")
  void logLevel(String value) {
    flags.put("--log-level", value);
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = Optional.ofNullable(spec).orElseThrow().commandLine().getErr();
    return VmSyslog.run(
        flags,
        line -> {
          err.println(line);
          err.flush();
        });
  }
}
