package org.vmlog.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import org.vmlog.record.SyslogParser;
import org.vmlog.wire.HostAddress;

/**
 * Everything the guest's vm-syslog can be told, checked and with defaults filled in. Immutable.
 *
 * @param runtimeDirectory a folder that does not outlive the boot, if the service has one
 */
public record GuestConfig(
    Sources sources,
    HostAddress host,
    Flush flush,
    Buffer buffer,
    Optional<Path> runtimeDirectory,
    Level logLevel) {
  /** Where a Linux kernel's log is read. */
  public static final Path KMSG = Path.of("/dev/kmsg");

  /**
   * What is read.
   *
   * @param devLog where programs log
   * @param devLogRequired whether it was asked for; if not, sockets that are inherited stand for it
   * @param journalSocket where journald forwards to
   * @param sender who writes to these sockets
   * @param kmsg the kernel's log
   * @param kmsgRequired whether it was asked for, and so must be there
   */
  public record Sources(
      Optional<DevLog> devLog,
      boolean devLogRequired,
      Optional<Path> journalSocket,
      SyslogParser.Sender sender,
      Optional<Path> kmsg,
      boolean kmsgRequired) {}

  /** The socket that programs log to. */
  public record DevLog(Path path, SocketType type) {}

  /** How programs write to a socket. */
  public enum SocketType {
    DGRAM,
    STREAM
  }

  /**
   * When what waits is sent, unless an error or something worse is with it.
   *
   * @param bytes from which on it is sent
   * @param after how long it waits at most
   */
  public record Flush(int bytes, Duration after) {}

  /**
   * What holds records while the host is away.
   *
   * @param memoryBytes without a file
   * @param file that outlives the process
   */
  public record Buffer(long memoryBytes, Optional<Path> file, long fileBytes) {}
}
