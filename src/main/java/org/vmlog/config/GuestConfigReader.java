package org.vmlog.config;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import org.vmlog.record.SyslogParser;
import org.vmlog.wire.HostAddress;

/**
 * Reads the configuration of vm-syslog: what the command line says, and where it says nothing, the
 * files, see {@link ConfigFiles}; those have the same settings and are seldom there. Confined to
 * one thread.
 */
public final class GuestConfigReader {
  /** Read when no other file is named. */
  public static final Path DEFAULT_FILE = Path.of("/etc/vmlog/vm-syslog.toml");

  /** What errors name as the file of a flag. */
  private static final String COMMAND_LINE = "command line";

  private static final String DROP_INS = "vm-syslog.d";
  private static final String NONE = "none";

  /** All else takes less than a third of the heap. */
  private static final ValueType<Long> MEMORY =
      Sizes.inHeap(256 * Sizes.KIB, 70, "VM_SYSLOG_JAVA_OPTS");

  private static final HostAddress DEFAULT_HOST = new HostAddress.Vsock(2, 9999);
  private static final Choice<GuestConfig.SocketType> SOCKET_TYPE =
      Choice.ofEnum(GuestConfig.SocketType.DGRAM, GuestConfig.SocketType.STREAM);

  private final Map<String, String> environment;
  private final Path defaultFile;
  private final ConfigErrors errors = new ConfigErrors();
  private final Map<String, String> flags;

  /**
   * Creates a reader.
   *
   * @param environment of the process: {@code $RUNTIME_DIRECTORY} is looked at
   * @param flags what the command line says: {@code --host} and the like, each with its value
   */
  public GuestConfigReader(Map<String, String> environment, Map<String, String> flags) {
    this(environment, flags, DEFAULT_FILE);
  }

  GuestConfigReader(Map<String, String> environment, Map<String, String> flags, Path defaultFile) {
    this.environment = Map.copyOf(environment);
    this.flags = Map.copyOf(flags);
    this.defaultFile = defaultFile;
  }

  /** Whether nothing is wrong but what the command line says. */
  public static boolean isOfFlags(ConfigException e) {
    return e.errors().stream().allMatch(error -> error.file().equals(COMMAND_LINE));
  }

  /**
   * Reads the default files, which may be missing.
   *
   * @throws ConfigException with everything that is wrong
   * @throws IOException if a file is there and cannot be read
   */
  public GuestConfig readDefault() throws ConfigException, IOException {
    return read(ConfigFiles.readDefault(defaultFile, DROP_INS, errors));
  }

  /**
   * Reads a file that was asked for, and what is beside it.
   *
   * @throws ConfigException with everything that is wrong
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if a file is there and cannot be read
   */
  public GuestConfig read(Path file) throws ConfigException, IOException {
    return read(ConfigFiles.read(file, DROP_INS, errors));
  }

  private GuestConfig read(List<TomlFile> files) throws ConfigException {
    TomlView root = new TomlView(files, errors);
    TomlView flush = root.table("flush");
    GuestConfig config =
        new GuestConfig(
            sources(root.table("sources")),
            get(root.table("host"), "address", "--host", HostAddressType.INSTANCE)
                .orElse(DEFAULT_HOST),
            new GuestConfig.Flush(
                get(flush, "bytes", "--flush-bytes", Sizes.between(0, Sizes.MIB))
                    .orElse(4 * Sizes.KIB)
                    .intValue(),
                get(flush, "after", "--flush-after", Durations.atLeast(Duration.ZERO))
                    .orElse(Duration.ofSeconds(5))),
            buffer(root.table("buffer")),
            SystemdDirectories.of(environment, errors).runtime(),
            get(root.table("log"), "level", "--log-level", Choice.LOG_LEVEL).orElse(Level.INFO));
    root.reportUnknown();
    errors.throwIfAny(files.stream().map(TomlFile::name).toList());
    return config;
  }

  private GuestConfig.Sources sources(TomlView sources) {
    ValueType<Optional<Path>> path = ValueTypes.ABSOLUTE_PATH.orFalse();
    Optional<Optional<Path>> devLog = get(sources, "dev_log", "--dev-log", path);
    Optional<Optional<Path>> kmsg = get(sources, "kmsg", "--kmsg", path);
    GuestConfig.SocketType type =
        get(sources, "dev_log_type", "--dev-log-type", SOCKET_TYPE)
            .orElse(GuestConfig.SocketType.DGRAM);
    return new GuestConfig.Sources(
        devLog
            .orElse(Optional.of(Path.of("/dev/log")))
            .map(socket -> new GuestConfig.DevLog(socket, type)),
        devLog.isPresent(),
        get(sources, "journal_socket", "--journal-socket", path).orElse(Optional.empty()),
        get(sources, "sender", "--sender", Choice.SENDER).orElse(SyslogParser.Sender.LOCAL),
        kmsg.orElse(Optional.of(GuestConfig.KMSG)),
        kmsg.isPresent());
  }

  private GuestConfig.Buffer buffer(TomlView buffer) {
    return new GuestConfig.Buffer(
        get(buffer, "memory", "--buffer", MEMORY).orElse(4 * Sizes.MIB),
        get(buffer, "file", "--buffer-file", ValueTypes.ABSOLUTE_PATH.orFalse())
            .orElse(Optional.empty()),
        get(buffer, "file_size", "--buffer-file-size", Sizes.between(Sizes.MIB, 4 * Sizes.GIB))
            .orElse(64 * Sizes.MIB));
  }

  /** What the flag says, or else the key; empty when neither is given, or what is given is bad. */
  private <T> Optional<T> get(TomlView table, String key, String flag, ValueType<T> type) {
    Optional<T> inFiles = table.get(key, type);
    String given = flags.get(flag);
    if (given == null) {
      return inFiles;
    }
    try {
      return Optional.of(type.parse(given.equals(NONE) ? false : given));
    } catch (BadValueException e) {
      String allowed = e.allowed().replace("or false", "or " + NONE);
      errors.add(new Setting(COMMAND_LINE, 0, 0, flag, given).refused(allowed));
      return Optional.empty();
    }
  }
}
