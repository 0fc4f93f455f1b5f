package org.vmlog.config;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the configuration of vmlog-ship, a file and what is beside it: see {@link ConfigFiles}.
 * Confined to one thread.
 */
public final class ShipConfigReader {
  /** Read when no other file is named. */
  public static final Path DEFAULT_FILE = Path.of("/etc/vmlog/vmlog-ship.toml");

  private static final String DROP_INS = "vmlog-ship.d";
  private static final Path DEFAULT_LOGS = Path.of("/var/log/vmlog");
  private static final Path DEFAULT_FORWARDER_STATE = Path.of("/var/lib/vmlog");
  private static final Path DEFAULT_STATE = Path.of("/var/lib/vmlog-ship");

  /** What an id of a record has in it must not be taken for two parts of it. */
  private static final Pattern HOST_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

  private static final Pattern BOOTSTRAP =
      Pattern.compile("[^\\s,:]+:\\d{1,5}(,[^\\s,:]+:\\d{1,5})*");

  private static final Pattern SERVER =
      Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^\\s:\\[\\]]+):(\\d{1,5})");

  private static final Pattern SERVICE_NAME =
      Pattern.compile("(?:[^{}\\p{Cntrl}]|\\{(?:owner|name|host)}){1,255}");

  private static final String SERVICE_NAMES =
      "1 to 255 characters, with {owner}, {name} or {host} for the VM's";

  /** RFC 3986 section 3.3, and a query. */
  private static final Pattern URL_PATH =
      Pattern.compile("/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(\\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?");

  /** Kafka's own rule, org.apache.kafka.common.internals.Topic. */
  private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

  private static final String KAFKA = "kafka";
  private static final String SYSLOG = "syslog";
  private static final String OTLP = "otlp";
  private static final List<String> ENGINES = List.of(KAFKA, SYSLOG, OTLP);

  private static final Choice<ShipConfig.Format> FORMAT =
      Choice.ofEnum(ShipConfig.Format.OTLP, ShipConfig.Format.JSON);
  private static final Choice<ShipConfig.Protocol> PROTOCOL =
      Choice.of(
          "grpc", ShipConfig.Protocol.GRPC, "http/protobuf", ShipConfig.Protocol.HTTP_PROTOBUF);
  private static final Choice<String> COMPRESSION = Choice.ofNames("none", "lz4", "zstd", "gzip");
  private static final Choice<String> OTLP_COMPRESSION = Choice.ofNames("none", "gzip");
  private static final Choice<String> MECHANISM =
      Choice.ofNames("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512");

  private static final long DEFAULT_MEMORY = 16 * Sizes.MIB;

  /** Lines that are under way are there once, and up to four times over in Kafka's producer. */
  private static final ValueType<Long> MEMORY = Sizes.inHeap(Sizes.MIB, 12, "VMLOG_SHIP_JAVA_OPTS");

  /** Kafka's default of a topic's is 1048588, which counts a head of its own. */
  private static final long DEFAULT_MAX_MESSAGE = 1000 * Sizes.KIB;

  /** gRPC's default of what is taken. */
  private static final long DEFAULT_OTLP_MESSAGE = 4 * Sizes.MIB;

  /** What a receiver has to take by RFC 5425 section 4.3.1. */
  private static final long MIN_SYSLOG_MESSAGE = 2 * Sizes.KIB;

  /** rsyslog's default, which its manual rounds up to 8k. */
  private static final long DEFAULT_SYSLOG_MESSAGE = 8096;

  private static final int MAX_PORT = 65_535;

  private final Map<String, String> environment;
  private final Path defaultFile;
  private final ConfigErrors errors = new ConfigErrors();

  /**
   * Creates a reader.
   *
   * @param environment of the process: {@code $STATE_DIRECTORY} is looked at
   */
  public ShipConfigReader(Map<String, String> environment) {
    this(
        environment,
        SystemdDirectories.home(environment)
            .map(home -> home.resolve("vmlog-ship.toml"))
            .orElse(DEFAULT_FILE));
  }

  ShipConfigReader(Map<String, String> environment, Path defaultFile) {
    this.environment = Map.copyOf(environment);
    this.defaultFile = defaultFile;
  }

  /**
   * Reads the default file, and what is beside it.
   *
   * @throws ConfigException with everything that is wrong
   * @throws IOException if a file is there and cannot be read
   */
  public ShipConfig readDefault() throws ConfigException, IOException {
    return read(ConfigFiles.readDefault(defaultFile, DROP_INS, errors), defaultFile);
  }

  /**
   * Reads a file that was asked for, and what is beside it.
   *
   * @throws ConfigException with everything that is wrong
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if a file is there and cannot be read
   */
  public ShipConfig read(Path file) throws ConfigException, IOException {
    return read(ConfigFiles.read(file, DROP_INS, errors), file);
  }

  private ShipConfig read(List<TomlFile> files, Path file) throws ConfigException {
    TomlView root = new TomlView(files, errors);
    TomlView host = root.table("host");
    TomlView logs = root.table("logs");
    Optional<Path> home = SystemdDirectories.home(environment);
    SystemdDirectories directories = SystemdDirectories.of(environment, errors);
    Optional<Path> systemdState = home.isPresent() ? Optional.empty() : directories.state();
    Path state =
        root.table("state")
            .get(
                "directory",
                ValueTypes.ABSOLUTE_PATH,
                home.map(in -> in.resolve("ship")).orElse(DEFAULT_STATE));
    ShipConfig config =
        new ShipConfig(
            new ShipConfig.Host(
                host.get(
                    "id", text(HOST_ID, "1 to 128 letters, digits and characters of \"._:-\"")),
                host.get("name", ValueTypes.TEXT)),
            root.table("service").get("name", text(SERVICE_NAME, SERVICE_NAMES), "vmlog"),
            new ShipConfig.Logs(
                logs.get(
                    "directory",
                    ValueTypes.ABSOLUTE_PATH,
                    home.map(in -> in.resolve("logs")).orElse(DEFAULT_LOGS)),
                logs.get(
                    "state",
                    ValueTypes.ABSOLUTE_PATH,
                    home.map(in -> in.resolve("state")).orElse(DEFAULT_FORWARDER_STATE))),
            systemdState.orElse(state),
            root.table("limits").get("memory", MEMORY, DEFAULT_MEMORY),
            target(root, file),
            MetricsSection.readShipper(root.table("metrics")),
            root.table("log").get("level", Choice.LOG_LEVEL, Level.INFO));
    root.reportUnknown();
    errors.throwIfAny(files.stream().map(TomlFile::name).toList());
    return config;
  }

  private ShipConfig.Target target(TomlView root, Path file) {
    List<String> there = ENGINES.stream().filter(engine -> root.find(engine).isPresent()).toList();
    for (int i = 1; i < there.size(); i++) {
      String refusal = "one engine: there is [" + there.get(0) + "], too";
      root.find(there.get(i)).ifPresent(second -> errors.add(second.refused(refusal)));
    }
    String engine = there.isEmpty() ? KAFKA : there.get(0);
    return switch (engine) {
      case SYSLOG -> syslog(root.table(SYSLOG), file);
      case OTLP -> otlp(root.table(OTLP), file);
      default -> kafka(root.table(KAFKA), file);
    };
  }

  private ShipConfig.Syslog syslog(TomlView syslog, Path file) {
    InetSocketAddress server = server(syslog, file);
    ShipConfig.Tls tls = new ShipConfig.Tls(authorities(syslog), identity(syslog));
    long maxMessage =
        syslog.get(
            "max_message",
            Sizes.between(MIN_SYSLOG_MESSAGE, 64 * Sizes.MIB),
            DEFAULT_SYSLOG_MESSAGE);
    return new ShipConfig.Syslog(server.getHostString(), server.getPort(), tls, (int) maxMessage);
  }

  private ShipConfig.Otlp otlp(TomlView otlp, Path file) {
    InetSocketAddress server = server(otlp, file);
    Optional<ShipConfig.Tls> tls = tls(otlp);
    secret(otlp, "headers_file", tls);
    return new ShipConfig.Otlp(
        server.getHostString(),
        server.getPort(),
        otlp.get("protocol", PROTOCOL, ShipConfig.Protocol.GRPC),
        otlp.get("path", text(URL_PATH, "a path such as \"/v1/logs\""), "/v1/logs"),
        tls,
        otlp.get("headers_file", ValueTypes.ABSOLUTE_PATH),
        otlp.get("compression", OTLP_COMPRESSION, "none"),
        maxMessage(otlp, DEFAULT_OTLP_MESSAGE));
  }

  private InetSocketAddress server(TomlView engine, Path file) {
    Matcher server =
        SERVER.matcher(required(engine, "server", text(SERVER, "\"HOST:PORT\""), file));
    int port = server.matches() ? Integer.parseInt(server.group(2)) : 0; // which the errors say
    return InetSocketAddress.createUnresolved(
        server.matches() ? server.group(1) : "", Math.min(port, MAX_PORT));
  }

  private static int maxMessage(TomlView engine, long otherwise) {
    return engine
        .get("max_message", Sizes.between(16 * Sizes.KIB, 64 * Sizes.MIB), otherwise)
        .intValue();
  }

  private ShipConfig.Kafka kafka(TomlView kafka, Path file) {
    Optional<ShipConfig.Tls> tls = tls(kafka);
    secret(kafka, "password_file", tls);
    return new ShipConfig.Kafka(
        required(
            kafka, "bootstrap", text(BOOTSTRAP, "\"HOST:PORT\", or several with commas"), file),
        kafka.get(
            "topic", text(TOPIC, "1 to 249 letters, digits and characters of \"._-\""), "vmlog"),
        kafka.get("format", FORMAT, ShipConfig.Format.OTLP),
        kafka.get("compression", COMPRESSION, "lz4"),
        maxMessage(kafka, DEFAULT_MAX_MESSAGE),
        tls,
        login(kafka));
  }

  private Optional<ShipConfig.Tls> tls(TomlView engine) {
    ShipConfig.Tls tls = new ShipConfig.Tls(authorities(engine), identity(engine));
    boolean implied = tls.authorities().isPresent() || tls.identity().isPresent();
    return engine.get("tls", ValueTypes.BOOLEAN, implied) ? Optional.of(tls) : Optional.empty();
  }

  private static Optional<Path> authorities(TomlView engine) {
    return engine.get("ca", ValueTypes.ABSOLUTE_PATH);
  }

  private Optional<ShipConfig.Identity> identity(TomlView engine) {
    Optional<Path> certificate = engine.get("certificate", ValueTypes.ABSOLUTE_PATH);
    Optional<Path> key = engine.get("key", ValueTypes.ABSOLUTE_PATH);
    together(engine, "certificate", "key");
    return certificate.flatMap(path -> key.map(secret -> new ShipConfig.Identity(path, secret)));
  }

  private Optional<ShipConfig.Login> login(TomlView kafka) {
    String mechanism = kafka.get("mechanism", MECHANISM, "SCRAM-SHA-512");
    Optional<String> user = kafka.get("user", ValueTypes.TEXT);
    Optional<Path> password = kafka.get("password_file", ValueTypes.ABSOLUTE_PATH);
    together(kafka, "user", "password_file");
    return user.flatMap(name -> password.map(path -> new ShipConfig.Login(mechanism, name, path)));
  }

  /** Refuses to say a secret where everybody on the way can read it, unless that is asked for. */
  private void secret(TomlView engine, String key, Optional<ShipConfig.Tls> tls) {
    boolean allowed = engine.get("secrets_without_tls", ValueTypes.BOOLEAN, false);
    if (tls.isEmpty() && !allowed) {
      String refusal =
          "together with %s = true, or %s = true if nobody can listen"
              .formatted(engine.nameOf("tls"), engine.nameOf("secrets_without_tls"));
      engine.find(key).ifPresent(secret -> errors.add(secret.refused(refusal)));
    }
  }

  /** Refuses one of two keys that are of no use alone. */
  private void together(TomlView table, String one, String other) {
    Optional<Setting> first = table.find(one);
    Optional<Setting> second = table.find(other);
    if (first.isPresent() && second.isEmpty()) {
      errors.add(first.get().refused("together with " + table.nameOf(other)));
    } else if (second.isPresent() && first.isEmpty()) {
      errors.add(second.get().refused("together with " + table.nameOf(one)));
    }
  }

  private String required(TomlView table, String key, ValueType<String> type, Path file) {
    if (table.find(key).isEmpty()) {
      errors.add(
          new ConfigError(
              file.toString(), 0, 0, table.nameOf(key), "", "is not set, and has no default"));
    }
    return table.get(key, type, "");
  }

  private static ValueType<String> text(Pattern pattern, String allowed) {
    return toml -> {
      if (toml instanceof String text && pattern.matcher(text).matches()) {
        return text;
      }
      throw new BadValueException(allowed);
    };
  }
}
