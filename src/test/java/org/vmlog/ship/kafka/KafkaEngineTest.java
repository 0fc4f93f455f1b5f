package org.vmlog.ship.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.config.ShipConfig;
import org.vmlog.ship.Batch;
import org.vmlog.ship.EngineState.Kind;
import org.vmlog.ship.HostFacts;
import org.vmlog.ship.JsonEncoder;
import org.vmlog.ship.LogSource;
import org.vmlog.ship.Outcome;
import org.vmlog.ship.RecordIds;
import org.vmlog.testing.Await;
import org.vmlog.testing.Certificates;
import org.vmlog.testing.KafkaBroker;
import org.vmlog.testing.Kcat;

/** With a real broker. */
@Timeout(240)
class KafkaEngineTest {
  private static final LogSource SOURCE = new LogSource("alice/web", "alice", "web");

  @TempDir Path temp;
  private String topic;

  @BeforeEach
  void nameTopic(TestInfo test) {
    topic = "engine-" + test.getTestMethod().orElseThrow().getName();
  }

  @Test
  void send_ready_acknowledgedAndInTheTopicUnderTheSourcesKey() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic(topic, 3, Map.of());
    try (KafkaEngine engine = start(broker.address(), 1 << 20, Optional.empty())) {
      await(engine, Kind.READY);
      assertThat(send(engine, "<14>Mar  1 11:00:00 web one\n<14>Mar  1 11:00:00 web two\n"))
          .isEqualTo(Outcome.ACKNOWLEDGED);
    }
    List<Kcat.Message> messages = Kcat.read(broker.address(), topic);
    assertThat(messages).extracting(Kcat.Message::key).containsOnly("host-1/alice/web");
    assertThat(messages)
        .extracting(message -> new String(message.value(), UTF_8))
        .satisfiesExactly(
            one -> assertThat(one).contains("\"MESSAGE\":\"one\""),
            two -> assertThat(two).contains("\"MESSAGE\":\"two\""));
  }

  @Test
  void state_topicIsMissing_saysSoUntilItIsMade() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    try (KafkaEngine engine = start(broker.address(), 1 << 20, Optional.empty())) {
      await(engine, Kind.TOPIC_MISSING);
      assertThat(send(engine, "one\n")).isEqualTo(Outcome.RETRY);
      broker.createTopic(topic, 1, Map.of());
      await(engine, Kind.READY);
      assertThat(send(engine, "one\n")).isEqualTo(Outcome.ACKNOWLEDGED);
    }
  }

  @Test
  void state_wrongPassword_saysSoUntilTheFileIsMended() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic(topic, 1, Map.of());
    Path password = Files.writeString(temp.resolve("password"), "wrong\n");
    var login = new ShipConfig.Login("SCRAM-SHA-512", KafkaBroker.USER, password);
    try (KafkaEngine engine = start(broker.saslAddress(), 1 << 20, Optional.of(login))) {
      await(engine, Kind.WRONG_CREDENTIALS);
      assertThat(engine.state().detail()).contains("Authentication failed");
      Files.writeString(password, KafkaBroker.PASSWORD + "\n");
      await(engine, Kind.READY);
      assertThat(send(engine, "one\n")).isEqualTo(Outcome.ACKNOWLEDGED);
    }
  }

  @Test
  void send_byTlsWithOurCertificate_acknowledged() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    Certificates certificates = broker.certificates();
    broker.createTopic(topic, 1, Map.of());
    try (KafkaEngine engine =
        startTls(broker, certificates.authority(), Optional.of(client(certificates)))) {
      await(engine, Kind.READY);
      assertThat(send(engine, "one\n")).isEqualTo(Outcome.ACKNOWLEDGED);
    }
  }

  @Test
  void state_byTlsWithoutACertificate_wrongCredentials() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    try (KafkaEngine engine =
        startTls(broker, broker.certificates().authority(), Optional.empty())) {
      await(engine, Kind.WRONG_CREDENTIALS);
    }
  }

  @Test
  void state_byTlsTrustingSomebodyElse_wrongCredentialsUntilTheFileIsMended() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    Certificates certificates = broker.certificates();
    broker.createTopic(topic, 1, Map.of());
    Path authority = temp.resolve("ca.pem");
    Files.copy(Certificates.in(temp.resolve("others")).authority(), authority);
    try (KafkaEngine engine = startTls(broker, authority, Optional.of(client(certificates)))) {
      await(engine, Kind.WRONG_CREDENTIALS);
      Files.writeString(authority, Files.readString(certificates.authority()));
      await(engine, Kind.READY);
      assertThat(send(engine, "one\n")).isEqualTo(Outcome.ACKNOWLEDGED);
    }
  }

  @Test
  void state_nobodyThere_unreachable() {
    try (KafkaEngine engine = start("127.0.0.1:1", 1 << 20, Optional.empty())) {
      await(engine, Kind.UNREACHABLE);
    }
  }

  @Test
  void send_moreThanTheTopicTakes_tooLarge() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic(topic, 1, Map.of("max.message.bytes", "20000"));
    try (KafkaEngine engine = start(broker.address(), 1 << 20, Optional.empty())) {
      await(engine, Kind.READY);
      assertThat(send(engine, "x".repeat(30_000) + "\n")).isEqualTo(Outcome.TOO_LARGE);
      assertThat(engine.state().kind()).isEqualTo(Kind.READY);
      assertThat(send(engine, "one\n")).isEqualTo(Outcome.ACKNOWLEDGED);
    }
  }

  @Test
  void send_moreThanIsConfigured_tooLarge() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic(topic, 1, Map.of());
    try (KafkaEngine engine = start(broker.address(), 20_000, Optional.empty())) {
      await(engine, Kind.READY);
      assertThat(send(engine, "x".repeat(30_000) + "\n")).isEqualTo(Outcome.TOO_LARGE);
    }
  }

  private static ShipConfig.Identity client(Certificates certificates) {
    return new ShipConfig.Identity(certificates.certificate("client"), certificates.key("client"));
  }

  private KafkaEngine startTls(
      KafkaBroker broker, Path authority, Optional<ShipConfig.Identity> identity) {
    ShipConfig.Tls tls = new ShipConfig.Tls(Optional.of(authority), identity);
    return start(broker.tlsAddress(), 1 << 20, Optional.of(tls), Optional.empty());
  }

  private KafkaEngine start(String address, int maxMessage, Optional<ShipConfig.Login> login) {
    return start(address, maxMessage, Optional.empty(), login);
  }

  private KafkaEngine start(
      String address,
      int maxMessage,
      Optional<ShipConfig.Tls> tls,
      Optional<ShipConfig.Login> login) {
    var kafka =
        new ShipConfig.Kafka(
            address, topic, ShipConfig.Format.JSON, "none", maxMessage, tls, login);
    HostFacts host = new HostFacts("host-1", "rack3");
    return KafkaEngine.start(
        kafka,
        8 << 20,
        new RecordIds(host.id()),
        new JsonEncoder(host, ZoneOffset.UTC, InstantSource.system()));
  }

  private static void await(KafkaEngine engine, Kind kind) {
    Await.until(
        Await.PATIENCE.multipliedBy(4),
        "the engine is " + kind,
        () -> engine.state().kind() == kind,
        () -> engine.state().toString());
  }

  private static Outcome send(KafkaEngine engine, String lines) {
    return Await.value(sent(engine, lines));
  }

  private static CompletableFuture<Outcome> sent(KafkaEngine engine, String lines) {
    byte[] text = lines.getBytes(UTF_8);
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    engine.send(new Batch(SOURCE, 255, 0, text, text.length, 1), outcome::complete);
    return outcome;
  }
}
