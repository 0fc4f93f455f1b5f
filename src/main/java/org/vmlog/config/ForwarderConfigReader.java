package org.vmlog.config;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.record.Severity;
import org.vmlog.record.SyslogParser;
import org.vmlog.sink.LogFileNaming;

/**
 * Reads the forwarder's configuration: one file, and what is in the directory {@code forwarder.d}
 * beside it, see {@link ConfigFiles}. Thread-safe.
 */
public final class ForwarderConfigReader {
  /** Read when no other file is named. */
  public static final Path DEFAULT_FILE = Path.of("/etc/vmlog/forwarder.toml");

  private static final String PROFILE = "profile";
  private static final Choice<String> PROFILES = Choice.ofNames("chromeos");
  private static final String DROP_INS = "forwarder.d";

  private static final Logger LOG = LoggerFactory.getLogger(ForwarderConfigReader.class);
  private static final Path DEFAULT_RUNTIME = Path.of("/run/vmlog");
  private static final Path DEFAULT_STATE = Path.of("/var/lib/vmlog");

  private final Map<String, String> environment;
  private final Path defaultFile;
  private final HostFacts host;
  private final Consumer<String> notices;

  /**
   * Creates a reader.
   *
   * @param environment of the process: {@code $RUNTIME_DIRECTORY}, {@code $STATE_DIRECTORY}, {@code
   *     $LOGS_DIRECTORY} and {@code $VMLOG_HOME} are looked at
   */
  public ForwarderConfigReader(Map<String, String> environment) {
    this(
        environment,
        SystemdDirectories.home(environment)
            .map(home -> home.resolve("forwarder.toml"))
            .orElse(DEFAULT_FILE),
        HostFacts.ofThisHost(),
        notice -> LOG.info("{}", notice));
  }

  ForwarderConfigReader(
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
  public ForwarderConfig readDefault() throws ConfigException, IOException {
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
  public ForwarderConfig read(Path file) throws ConfigException, IOException {
    ConfigErrors errors = new ConfigErrors();
    return read(ConfigFiles.read(file, DROP_INS, errors), errors);
  }

  /** What is in force where there is no file. */
  public static ForwarderConfig defaults() {
    try {
      return new ForwarderConfigReader(Map.of()).read(List.of(), new ConfigErrors());
    } catch (ConfigException e) {
      throw new IllegalStateException("the defaults are wrong", e);
    }
  }

  private ForwarderConfig read(List<TomlFile> files, ConfigErrors errors) throws ConfigException {
    TomlView root = new TomlView(withDefaults(files, errors), errors);
    var unused = root.find(PROFILE);
    ForwarderConfig config = read(root, SystemdDirectories.of(environment, errors), errors);
    root.reportUnknown();
    errors.throwIfAny(files.stream().map(TomlFile::name).toList());
    return config;
  }

  /** What a profile or a home sets is one more file, below all others. */
  private List<TomlFile> withDefaults(List<TomlFile> files, ConfigErrors errors) {
    List<TomlFile> all = new ArrayList<>();
    SystemdDirectories.home(environment).ifPresent(home -> all.add(TomlFile.builtIn("home")));
    new TomlView(files, errors)
        .get(PROFILE, PROFILES)
        .ifPresent(name -> all.add(TomlFile.builtIn(name)));
    all.addAll(files);
    return all;
  }

  /** The file that is read when no other is named. */
  public Path defaultFile() {
    return defaultFile;
  }

  private ForwarderConfig read(TomlView root, SystemdDirectories systemd, ConfigErrors errors) {
    Path runtime = systemd.runtime().orElse(DEFAULT_RUNTIME);
    Groups groups = new Groups(host, notices);
    ForwarderConfig.Logs logs =
        LogsSection.read(
            root.table("logs"),
            systemd.logs(),
            SystemdDirectories.home(environment).map(home -> home.resolve("ship")),
            errors);
    ForwarderConfig.Attribution attribution = attribution(root.table("attribution"));
    VmSection vms =
        new VmSection(logs.layout(), attribution.insecureLoopbackIdentity(), host, errors);
    return new ForwarderConfig(
        ListenSection.read(root.table("listen"), runtime, groups),
        logs,
        LimitsSection.read(root.table("limits"), logs.quota().perLogBytes(), errors),
        syslog(root.table("syslog")),
        crosvm(root.table("crosvm"), runtime, groups),
        dbus(root.table("dbus")),
        attribution,
        stateDirectory(root.table("state"), systemd.state()),
        MetricsSection.read(root.table("metrics"), runtime),
        root.table("log").get("level", Choice.LOG_LEVEL, Level.INFO),
        List.copyOf(vms.read(root.entries("vm"))));
  }

  private static ForwarderConfig.Syslog syslog(TomlView syslog) {
    return new ForwarderConfig.Syslog(
        syslog.get("socket", ValueTypes.ABSOLUTE_PATH, Path.of("/dev/log")),
        syslog.get("queue", LimitsSection.PIPE_SIZE, Sizes.MIB).intValue(),
        syslog.get("max_severity", ValueTypes.SEVERITY, Severity.CRIT.number()));
  }

  private static ForwarderConfig.Crosvm crosvm(TomlView crosvm, Path runtime, Groups groups) {
    return new ForwarderConfig.Crosvm(
        crosvm.get(
            "socket_directory",
            ValueTypes.pathOfAtMost(LogFileNaming.MAX_SOCKET_DIRECTORY_BYTES),
            runtime.resolve("vm")),
        groups.read(crosvm, "group", "vmlog-vmm"),
        crosvm.get("sender", Choice.SENDER, SyslogParser.Sender.LOCAL));
  }

  private static ForwarderConfig.Dbus dbus(TomlView dbus) {
    return new ForwarderConfig.Dbus(
        dbus.get("address", ValueTypes.BUS_ADDRESS.orFalse(), Optional.of("system")),
        dbus.get("concierge", ValueTypes.BOOLEAN, true),
        dbus.get("machined", ValueTypes.BOOLEAN, false),
        dbus.get("libvirt", ValueTypes.BOOLEAN, false));
  }

  private static ForwarderConfig.Attribution attribution(TomlView attribution) {
    return new ForwarderConfig.Attribution(
        attribution.get("log_connector", ValueTypes.BOOLEAN, true),
        attribution.get("tcp_anonymous", ValueTypes.BOOLEAN, false),
        attribution.get("insecure_loopback_identity", ValueTypes.BOOLEAN, false));
  }

  /** What systemd made for the service wins: it is the one place the unit may write to. */
  private Path stateDirectory(TomlView state, Optional<Path> systemd) {
    Path configured = state.get("directory", ValueTypes.ABSOLUTE_PATH, DEFAULT_STATE);
    if (systemd.isPresent()
        && state.find("directory").isPresent()
        && !systemd.get().equals(configured)) {
      notices.accept(
          "state.directory is %s, as systemd says in $STATE_DIRECTORY, and not %s"
              .formatted(systemd.get(), configured));
    }
    return systemd.orElse(configured);
  }
}
