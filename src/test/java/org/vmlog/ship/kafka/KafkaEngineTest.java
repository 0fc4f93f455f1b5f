package org.vmlog.ship.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  /** A client of Kafka's would set as much memory aside as it takes the beginning for. */
  @ParameterizedTest
  @CsvSource({
    "15030300020246, 'speaks TLS'",
    "485454502f312e31203430300d0a0d0a, 'speaks HTTP'",
    "ffffffff, 'does not speak Kafka'",
    "0640000000000000, 'does not speak Kafka'",
    "00000008000000010000, 'does not speak Kafka'"
  })
  void state_somethingElseThanKafkaListens_saysSo(String answer, String said) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread peer =
          new Thread(
              () -> {
                while (!server.isClosed()) {
                  try (Socket one = server.accept()) {
                    one.getInputStream().readNBytes(14);
                    one.getOutputStream().write(HexFormat.of().parseHex(answer));
                    one.getInputStream().read();
                  } catch (IOException e) {
                    // The next, if there is one.
                  }
                }
              });
      peer.start();
      String address = "127.0.0.1:" + server.getLocalPort();
      try (KafkaEngine engine = start(address, 1 << 20, Optional.empty())) {
        await(engine, Kind.REFUSED);
        assertThat(engine.state().detail()).startsWith(address).contains(said);
      }
    }
  }

  /** A certificate of the right authority, for another host. */
  @Test
  void state_byTlsUnderAnotherName_wrongCredentials() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    Certificates certificates = broker.certificates();
    broker.createTopic(topic, 1, Map.of());
    ShipConfig.Tls tls =
        new ShipConfig.Tls(
            Optional.of(certificates.authority()), Optional.of(client(certificates)));
    String another = broker.tlsAddress().replace("127.0.0.1", "localhost");
    try (KafkaEngine engine = start(another, 1 << 20, Optional.of(tls), Optional.empty())) {
      await(engine, Kind.WRONG_CREDENTIALS);
    }
  }

  @Test
  void state_rightToWriteIsMissing_staysUntilSomethingIsTaken() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic(topic, 1, Map.of());
    AclBinding denied = acl(AclOperation.WRITE, AclPermissionType.DENY);
    List<AclBinding> allowed =
        List.of(
            acl(AclOperation.WRITE, AclPermissionType.ALLOW),
            acl(AclOperation.DESCRIBE, AclPermissionType.ALLOW));
    Path password = Files.writeString(temp.resolve("password"), KafkaBroker.PASSWORD);
    var login = new ShipConfig.Login("SCRAM-SHA-512", KafkaBroker.USER, password);
    try (Admin admin = broker.admin();
        KafkaEngine engine = start(broker.saslAddress(), 1 << 20, Optional.of(login))) {
      admin.createAcls(allowed).all().get(60, TimeUnit.SECONDS);
      admin.createAcls(List.of(denied)).all().get(60, TimeUnit.SECONDS);
      await(engine, Kind.READY);
      assertThat(send(engine, "one\n")).isEqualTo(Outcome.RETRY);
      for (int i = 0; i < 3; i++) {
        Await.until(
            "it may be tried again",
            () -> {
              assertThat(engine.state().kind()).isEqualTo(Kind.NOT_AUTHORIZED);
              return engine.isOpen();
            });
        assertThat(send(engine, "one\n")).isEqualTo(Outcome.RETRY);
        assertThat(engine.state().kind()).isEqualTo(Kind.NOT_AUTHORIZED);
        assertThat(engine.isOpen()).isFalse();
      }
      admin.deleteAcls(List.of(denied.toFilter())).all().get(60, TimeUnit.SECONDS);
      Await.until(
          Await.PATIENCE.multipliedBy(4),
          "it is taken",
          () -> engine.isOpen() && send(engine, "one\n") == Outcome.ACKNOWLEDGED,
          () -> engine.state().toString());
      assertThat(engine.state().kind()).isEqualTo(Kind.READY);
    }
  }

  private AclBinding acl(AclOperation operation, AclPermissionType permission) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        new AccessControlEntry("User:" + KafkaBroker.USER, "*", operation, permission));
  }

  /** What many short lines become is many times as large; all of it is to have room. */
  @Test
  void send_brokerDoesNotAnswer_isOpenForNoMoreThanTheProducerHasRoomFor() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic(topic, 1, Map.of());
    try (KafkaEngine engine = start(broker.address(), 1 << 20, Optional.empty())) {
      await(engine, Kind.READY);
      assertThat(send(engine, "one\n")).isEqualTo(Outcome.ACKNOWLEDGED);
      broker.pause();
      List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
      try {
        while (engine.isOpen()) {
          outcomes.add(sent(engine, "<14>Mar  1 11:00:00 web x\n".repeat(2000)));
        }
        await(engine, Kind.UNREACHABLE);
      } finally {
        broker.goOn();
      }
      assertThat(outcomes)
          .hasSizeBetween(2, 50)
          .allSatisfy(one -> assertThat(Await.value(one)).isEqualTo(Outcome.ACKNOWLEDGED));
      await(engine, Kind.READY);
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
        new JsonEncoder(host, ZoneOffset.UTC, InstantSource.system(), 1 << 20));
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
