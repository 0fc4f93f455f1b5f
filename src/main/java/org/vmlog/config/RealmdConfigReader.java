package org.vmlog.config;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.SocketAccess;
import org.vmlog.realm.BrokerLimits;
import org.vmlog.realm.SinkFolder;

/**
 * Reads the configuration of vmlog-realmd: one file, and what is in the directory {@code realmd.d}
 * beside it, see {@link ConfigFiles}. Thread-safe.
 */
public final class RealmdConfigReader {
  /** Read when no other file is named. */
  public static final Path DEFAULT_FILE = Path.of("/etc/vmlog/realmd.toml");

  private static final Logger LOG = LoggerFactory.getLogger(RealmdConfigReader.class);
  private static final Path DEFAULT_RUNTIME = Path.of("/run/vmlog-realmd");
  private static final String DROP_INS = "realmd.d";
  private static final String ADMINS = "vmlog-admin";

  /** Enough of each for any host, and little enough for the descriptors of one process. */
  private static final ValueType<Long> COUNT = ValueTypes.integer(1, 65_536);

  /** Where a forwarder that takes no events listens by default. */
  private static final Path FORWARDER = Path.of("/run/vmlog/forwarder.sock");

  /** A forwarder that is started anew takes its events within this. */
  private static final Duration HOLD = Duration.ofSeconds(30);

  private static final Duration MAX_HOLD = Duration.ofHours(1);

  private final Map<String, String> environment;
  private final Path defaultFile;
  private final HostFacts host;
  private final Consumer<String> notices;

  /**
   * Creates a reader.
   *
   * @param environment of the process: {@code $RUNTIME_DIRECTORY} is looked at
   */
  public RealmdConfigReader(Map<String, String> environment) {
    this(environment, DEFAULT_FILE, HostFacts.ofThisHost(), notice -> LOG.info("{}", notice));
  }

  RealmdConfigReader(
      Map<String, String> environment, Path defaultFile, HostFacts host, Consumer<String> notices) {
    this.environment = Map.copyOf(environment);
    this.defaultFile = defaultFile;
    this.host = host;
    this.notices = notices;
  }

  /**
   * Reads the default file, which may be missing, and what is beside it.
   *
   * @throws ConfigException with everything that is wrong
   * @throws IOException if a file is there and cannot be read
   */
  public RealmdConfig readDefault() throws ConfigException, IOException {
    ConfigErrors errors = new ConfigErrors();
    return read(ConfigFiles.readDefault(defaultFile, DROP_INS, errors), errors);
  }

  /**
   * Reads a file that was asked for, and what is beside it.
   *
   * @throws ConfigException with everything that is wrong
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if a file is there and cannot be read
   */
  public RealmdConfig read(Path file) throws ConfigException, IOException {
    ConfigErrors errors = new ConfigErrors();
    return read(ConfigFiles.read(file, DROP_INS, errors), errors);
  }

  private RealmdConfig read(List<TomlFile> files, ConfigErrors errors) throws ConfigException {
    TomlView root = new TomlView(files, errors);
    Path runtime = SystemdDirectories.of(environment, errors).runtime().orElse(DEFAULT_RUNTIME);
    Groups groups = new Groups(host, notices);
    RealmdConfig config =
        new RealmdConfig(
            root.table("dbus").get("address", ValueTypes.BUS_ADDRESS, "system"),
            groups.read(root.table("access"), "group", ADMINS, "lets nobody else in").stream()
                .toList(),
            sinks(root.table("sinks"), runtime, groups),
            limits(root.table("limits"), root.table("sinks")),
            root.table("log").get("level", Choice.LOG_LEVEL, Level.INFO));
    root.reportUnknown();
    errors.throwIfAny(files.stream().map(TomlFile::name).toList());
    return config;
  }

  private static SinkFolder sinks(TomlView sinks, Path runtime, Groups groups) {
    return new SinkFolder(
        sinks.get("directory", ValueTypes.ABSOLUTE_PATH, runtime.resolve("sinks")),
        new SocketAccess(
            sinks.get("mode", ValueTypes.MODE, 0660), groups.read(sinks, "group", ADMINS)));
  }

  private static BrokerLimits limits(TomlView limits, TomlView sinks) {
    return new BrokerLimits(
        limits.get("realms", COUNT, 1024L).intValue(),
        limits.get("sinks", COUNT, 1024L).intValue(),
        limits.get("waiting", COUNT, 1024L).intValue(),
        limits
            .get("sink_buffer", Sizes.between(4 * Sizes.KIB, 16 * Sizes.MIB), 64 * Sizes.KIB)
            .intValue(),
        sinks.get("plain", ValueTypes.ABSOLUTE_PATH.orFalse(), Optional.of(FORWARDER)),
        limits.get("hold", Durations.between(Duration.ZERO, MAX_HOLD), HOLD));
  }
}
