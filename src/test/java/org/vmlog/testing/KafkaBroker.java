package org.vmlog.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;

/**
 * A real broker, which is its own controller (KRaft), as a process of its own. There is one for all
 * tests, since it takes seconds to start; it ends with this process. Confined to one thread.
 */
public final class KafkaBroker implements AutoCloseable {
  /** Who may log in where {@link #saslAddress} is. */
  public static final String USER = "ship";

  public static final String PASSWORD = "correct horse";

  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final String LOOPBACK = "127.0.0.1";

  private static KafkaBroker shared;

  private final Path folder;
  private final int port;
  private final int saslPort;
  private final int tlsPort;
  private final int controllerPort;
  private Process process;
  private Certificates certificates;

  private KafkaBroker(Path folder) throws IOException {
    this.folder = folder;
    this.port = freePort();
    this.saslPort = freePort();
    this.tlsPort = freePort();
    this.controllerPort = freePort();
  }

  /** The one of all tests, running. */
  public static synchronized KafkaBroker shared() throws Exception {
    if (shared == null) {
      Path folder = Files.createTempDirectory("vmlog-kafka");
      KafkaBroker broker = start(folder);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> broker.end(folder)));
      shared = broker;
    }
    shared.restart();
    return shared;
  }

  /** Starts one that keeps everything in a folder. */
  public static KafkaBroker start(Path folder) throws Exception {
    KafkaBroker broker = new KafkaBroker(Files.createDirectories(folder));
    broker.format();
    broker.restart();
    return broker;
  }

  /** Where anybody is let in. */
  public String address() {
    return LOOPBACK + ":" + port;
  }

  /** Where {@link #USER} is let in, by SCRAM-SHA-512. */
  public String saslAddress() {
    return LOOPBACK + ":" + saslPort;
  }

  /** Where whoever has a certificate of {@link #certificates} is let in, by TLS. */
  public String tlsAddress() {
    return LOOPBACK + ":" + tlsPort;
  }

  /** Its authority, which has signed {@code client}; skips the test where there is no openssl. */
  public Certificates certificates() throws Exception {
    assumeTrue(Certificates.isAvailable(), "openssl is missing (Debian package openssl)");
    return certificates;
  }

  /** Makes a topic with these settings, such as {@code max.message.bytes}. */
  public void createTopic(String topic, int partitions, Map<String, String> settings)
      throws Exception {
    try (Admin admin = admin()) {
      NewTopic made = new NewTopic(topic, partitions, (short) 1).configs(settings);
      admin.createTopics(Set.of(made)).all().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** An administrator's connection. */
  public Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", address()));
  }

  /** Its process. */
  public long pid() {
    return process.pid();
  }

  /** Ends it in the middle of whatever it does. */
  public void kill() throws Exception {
    if (!process.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("the broker does not end");
    }
  }

  /** Has it answer nothing; its connections stand. */
  public void pause() throws Exception {
    signal("STOP");
  }

  public void goOn() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    if (code != 0) {
      throw new IOException("kill(1) answers " + code);
    }
  }

  /** Starts it again if it does not run; returns when it takes requests. */
  public void restart() throws Exception {
    if (process != null && process.isAlive()) {
      return;
    }
    process =
        new ProcessBuilder(
                ProgramProcess.javaProgram(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "kafka.Kafka",
                config().toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    Await.until(PATIENCE, "the broker takes requests", this::answers, this::errors);
  }

  private boolean answers() throws Exception {
    if (!process.isAlive()) {
      throw new IOException("the broker has ended");
    }
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", address());
    config.put("request.timeout.ms", 1000);
    config.put("default.api.timeout.ms", 1000);
    try (Admin admin = Admin.create(config)) {
      return !admin.describeCluster().nodes().get().isEmpty();
    } catch (java.util.concurrent.ExecutionException e) {
      return false;
    }
  }

  private void format() throws Exception {
    String tlsListener = "";
    String tls = "";
    if (Certificates.isAvailable()) {
      certificates = Certificates.in(folder.resolve("pem")).sign("broker").sign("client");
      tlsListener = ",TLS://" + tlsAddress();
      tls = tls();
    }
    Files.writeString(
        config(),
        """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@%1$s:%4$d
        listeners=PLAIN://%1$s:%2$d,SECURE://%1$s:%3$d%6$s,CONTROLLER://%1$s:%4$d
        advertised.listeners=PLAIN://%1$s:%2$d,SECURE://%1$s:%3$d%6$s
        listener.security.protocol.map=PLAIN:PLAINTEXT,SECURE:SASL_PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT
        controller.listener.names=CONTROLLER
        inter.broker.listener.name=PLAIN
        sasl.enabled.mechanisms=SCRAM-SHA-512
        listener.name.secure.scram-sha-512.sasl.jaas.config=\\
          org.apache.kafka.common.security.scram.ScramLoginModule required;
        log.dirs=%5$s
        auto.create.topics.enable=false
        offsets.topic.replication.factor=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        num.network.threads=1
        num.io.threads=2
        log.cleaner.enable=false
        group.initial.rebalance.delay.ms=0
        authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
        allow.everyone.if.no.acl.found=true
        super.users=User:ANONYMOUS
        %7$s
        """
            .formatted(
                LOOPBACK,
                port,
                saslPort,
                controllerPort,
                folder.resolve("data"),
                tlsListener,
                tls));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int code =
        StorageTool.execute(
            new String[] {
              "format",
              "--cluster-id",
              Uuid.randomUuid().toString(),
              "--config",
              config().toString(),
              "--add-scram",
              "SCRAM-SHA-512=[name=" + USER + ",password=" + PASSWORD + "]"
            },
            new PrintStream(said, true, StandardCharsets.UTF_8));
    if (code != 0) {
      throw new IOException("the broker's folder: " + said.toString(StandardCharsets.UTF_8));
    }
  }

  private String tls() throws IOException {
    Path identity = folder.resolve("broker.pem");
    Files.writeString(
        identity,
        Files.readString(certificates.key("broker"))
            + Files.readString(certificates.certificate("broker")));
    return """
    listener.name.tls.ssl.keystore.type=PEM
    listener.name.tls.ssl.keystore.location=%s
    listener.name.tls.ssl.truststore.type=PEM
    listener.name.tls.ssl.truststore.location=%s
    listener.name.tls.ssl.client.auth=required
    """
        .formatted(identity, certificates.authority());
  }

  private Path config() {
    return folder.resolve("server.properties");
  }

  private Path log() {
    return folder.resolve("log");
  }

  private String errors() {
    try {
      List<String> lines = Files.readAllLines(log());
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
      return socket.getLocalPort();
    }
  }

  private void end(Path what) {
    close();
    try (var paths = Files.walk(what)) {
      paths.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      System.err.println("left behind: " + e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
