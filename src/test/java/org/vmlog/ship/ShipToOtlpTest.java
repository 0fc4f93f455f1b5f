package org.vmlog.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Await;
import org.vmlog.testing.Certificates;
import org.vmlog.testing.OtlpReceiver;
import org.vmlog.testing.ShipProcess;

/** The program and a receiver with another implementation of gRPC. */
@Timeout(240)
class ShipToOtlpTest {
  @TempDir Path temp;
  private SinkLogs logs;

  @BeforeEach
  void open() throws Exception {
    assumeTrue(OtlpReceiver.isAvailable(), "python3-grpcio is missing (Debian package)");
    logs = new SinkLogs(temp, 5, Runnable::run);
  }

  @AfterEach
  void close() {
    if (logs != null) {
      logs.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http/protobuf"})
  void records_receiverIsAwayMeanwhile_eachArrivesInOrderUnderItsId(String protocol)
      throws Exception {
    try (OtlpReceiver receiver = OtlpReceiver.start(temp.resolve("otlp"), protocol);
        ShipProcess ship = ShipProcess.start(temp, engine(receiver, "compression = \"gzip\""))) {
      write(0, 500);
      await(ship, receiver, 500);
      receiver.stop();
      write(500, 1000);
      ship.awaitStatus("state", "unreachable");
      receiver.restart();
      await(ship, receiver, 1000);
      assertThat(receiver.headers()).contains("user-agent: vmlog-ship");
      if (protocol.startsWith("http")) {
        assertThat(receiver.headers())
            .contains("path: /v1/logs")
            .contains("content-encoding: gzip")
            .doesNotContain("upgrade");
      }

      List<LogRecord> records = receiver.records();
      assertThat(records.stream().map(record -> record.getBody().getStringValue()).distinct())
          .containsExactlyElementsOf(
              IntStream.range(0, 1000).mapToObj(i -> "app: record " + i).toList());
      assertThat(
              receiver
                  .requests()
                  .get(0)
                  .getResourceLogs(0)
                  .getResource()
                  .getAttributesList()
                  .stream()
                  .map(KeyValue::getKey))
          .containsExactly(
              "host.id", "host.name", "service.instance.id", "service.name", "vm.name", "vm.owner");
      assertThat(records.get(0).getAttributes(0).getValue().getStringValue())
          .isEqualTo("host-1/alice/web-1/%016x@0".formatted(logs.ids("web-1").get(0)));
      assertThat(ship.terminate()).isZero();
    }
  }

  /** What is no shipment's own fault makes all wait, and nothing is lost. */
  @ParameterizedTest
  @CsvSource({
    "grpc, UNAVAILABLE, unreachable",
    "grpc, UNAVAILABLE 1, throttled",
    "grpc, RESOURCE_EXHAUSTED, throttled",
    "grpc, RESOURCE_EXHAUSTED 1, throttled",
    "grpc, DEADLINE_EXCEEDED, unreachable",
    "grpc, UNAUTHENTICATED, wrong-credentials",
    "grpc, PERMISSION_DENIED, not-authorized",
    "grpc, UNIMPLEMENTED, refused",
    "grpc, INTERNAL, refused",
    "grpc, LONG 5000000, refused",
    "http/protobuf, UNAVAILABLE, unreachable",
    "http/protobuf, UNAVAILABLE 1, throttled",
    "http/protobuf, RESOURCE_EXHAUSTED, throttled",
    "http/protobuf, DEADLINE_EXCEEDED, unreachable",
    "http/protobuf, UNAUTHENTICATED, wrong-credentials",
    "http/protobuf, PERMISSION_DENIED, not-authorized",
    "http/protobuf, UNIMPLEMENTED, refused",
    "http/protobuf, INTERNAL, refused",
    "http/protobuf, LONG 5000000, refused"
  })
  void records_receiverRefuses_waitUntilItDoesNot(String protocol, String answer, String state)
      throws Exception {
    try (OtlpReceiver receiver = OtlpReceiver.start(temp.resolve("otlp"), protocol);
        ShipProcess ship = ShipProcess.start(temp, engine(receiver, ""))) {
      ship.awaitStatus("state", "ready");
      receiver.answer(answer);
      write(0, 3);
      ship.awaitStatus("state", state);
      receiver.answer("OK");
      await(ship, receiver, 3);
      assertThat(ship.status("rejected")).contains("0");
    }
  }

  /**
   * A Collector whose exporter is down answers an empty request OK, and whoever believes that comes
   * back each second, with all there is.
   */
  @ParameterizedTest
  @ValueSource(strings = {"UNAVAILABLE", "UNAVAILABLE 0", "INTERNAL"})
  void records_receiverTakesNoneOfAll_fewCallsAndTheStateStays(String answer) throws Exception {
    try (OtlpReceiver receiver = OtlpReceiver.start(temp.resolve("otlp"));
        ShipProcess ship = ShipProcess.start(temp, engine(receiver, ""))) {
      ship.awaitStatus("state", "ready");
      receiver.answer(answer);
      for (int vm = 0; vm < 2; vm++) {
        logs.write("vm-" + vm, "<14>Mar  1 11:00:00 vm app: record\n");
      }
      Await.until("there were some pauses", () -> receiver.calls() >= 4, ship::log);
      assertThat(ship.log().lines().filter(line -> line.contains("shipping to")))
          .satisfiesExactly(
              ready -> assertThat(ready).doesNotContain("not shipping"),
              refused -> assertThat(refused).contains("not shipping"));
      assertThat(ship.status("state")).isNotEqualTo(Optional.of("ready"));
      receiver.answer("OK");
      ship.awaitStatus("records", "2");
      ship.awaitStatus("state", "ready");
    }
  }

  /** What a Collector says of a record that something behind it refuses for good. */
  @ParameterizedTest
  @CsvSource({"grpc, INTERNAL", "grpc, UNKNOWN", "http/protobuf, INTERNAL"})
  void records_oneIsRefusedWhileOthersAreTaken_itIsCountedAndPassed(String protocol, String status)
      throws Exception {
    try (OtlpReceiver receiver = OtlpReceiver.start(temp.resolve("otlp"), protocol);
        ShipProcess ship = ShipProcess.start(temp, engine(receiver, ""))) {
      ship.awaitStatus("state", "ready");
      receiver.answer(status + " if poison");
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < 60; i++) {
        lines.append("<14>Mar  1 11:00:00 vm app: ").append(i == 40 ? "poison" : "ok").append('\n');
      }
      logs.write("web-1", lines.toString());
      ship.awaitStatus("rejected", "1");
      ship.awaitStatus("records", "59");
      ship.awaitStatus("state", "ready");
      assertThat(receiver.records()).hasSize(59);
    }
  }

  /** By the protocol these are not sent again, and so they are counted. */
  @Test
  void records_receiverTakesOnlySome_theOthersAreCountedAndPassed() throws Exception {
    write(0, 5);
    try (OtlpReceiver receiver = OtlpReceiver.start(temp.resolve("otlp"));
        ShipProcess ship = ShipProcess.start(temp, engine(receiver, ""))) {
      await(ship, receiver, 5);
      receiver.answer("PARTIAL 2");
      write(5, 10);
      ship.awaitStatus("rejected", "2");
      ship.awaitStatus("records", "10");
      assertThat(ship.log()).contains("did not take 2 records: not these");
    }
  }

  /** A number or a text that is made up counts for no more than was sent. */
  @Test
  void records_receiverSaysItDidNotTakeMoreThanThereWere_allOfThemAreCounted() throws Exception {
    try (OtlpReceiver receiver = OtlpReceiver.start(temp.resolve("otlp"), "http/protobuf");
        ShipProcess ship = ShipProcess.start(temp, engine(receiver, ""))) {
      ship.awaitStatus("state", "ready");
      receiver.answer("PARTIAL 9223372036854775807 200000");
      write(0, 3);
      ship.awaitStatus("records", "3");
      assertThat(ship.status("rejected")).contains("3");
      assertThat(ship.log()).hasSizeLessThan(20_000);
    }
  }

  @Test
  void records_receiverCannotReadThem_eachIsTriedAloneCountedAndPassed() throws Exception {
    try (OtlpReceiver receiver = OtlpReceiver.start(temp.resolve("otlp"));
        ShipProcess ship = ShipProcess.start(temp, engine(receiver, ""))) {
      ship.awaitStatus("state", "ready");
      receiver.answer("INVALID_ARGUMENT");
      write(0, 4);
      ship.awaitStatus("rejected", "4");
      receiver.answer("OK");
      write(4, 6);
      ship.awaitStatus("records", "2");
      assertThat(receiver.records())
          .extracting(record -> record.getBody().getStringValue())
          .containsExactly("app: record 4", "app: record 5");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http/protobuf"})
  void records_moreThanTheReceiverTakes_wait(String protocol) throws Exception {
    try (OtlpReceiver receiver = OtlpReceiver.start(temp.resolve("otlp"), protocol);
        ShipProcess ship = ShipProcess.start(temp, engine(receiver, ""))) {
      ship.awaitStatus("state", "ready");
      receiver.answer("LARGER 100");
      write(0, 2);
      ship.awaitStatus("state", "message-too-large");
      receiver.answer("OK");
      await(ship, receiver, 2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http/protobuf"})
  void record_longerThanARequestMayBe_arrivesInPiecesInOrder(String protocol) throws Exception {
    String content = "app: " + "x€".repeat(12_000);
    logs.write("web-1", "<14>Mar  1 11:00:00 web-1 " + content + "\n");
    write(0, 2);
    try (OtlpReceiver receiver = OtlpReceiver.start(temp.resolve("otlp"), protocol);
        ShipProcess ship = ShipProcess.start(temp, engine(receiver, "max_message = \"16KiB\""))) {
      ship.awaitStatus("records", "3");
      List<LogRecord> records = receiver.records();
      assertThat(records.stream().limit(4).map(one -> one.getBody().getStringValue()).toList())
          .satisfies(pieces -> assertThat(String.join("", pieces)).isEqualTo(content));
      assertThat(records.subList(4, records.size()))
          .extracting(record -> record.getBody().getStringValue())
          .containsExactly("app: record 0", "app: record 1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http/protobuf"})
  void records_byTlsWithATokenFromAFile_arrive(String protocol) throws Exception {
    Certificates certificates = Certificates.in(temp.resolve("pem")).sign("server").sign("client");
    Path headers = Files.writeString(temp.resolve("headers"), "Authorization: Bearer s3cr3t\n\n");
    write(0, 2);
    try (OtlpReceiver receiver =
            OtlpReceiver.startWithTls(temp.resolve("otlp"), protocol, certificates);
        ShipProcess ship =
            ShipProcess.start(
                temp,
                engine(receiver, tls(certificates) + "headers_file = \"" + headers + "\"\n"))) {
      await(ship, receiver, 2);
      assertThat(receiver.headers()).contains("authorization: Bearer s3cr3t");
      assertThat(ship.log()).doesNotContain("s3cr3t");
    }
  }

  /** Of the right authority, and for somebody else. */
  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http/protobuf"})
  void start_certificateOfAnotherHost_saysSoAndShipsNothing(String protocol) throws Exception {
    Certificates certificates =
        Certificates.in(temp.resolve("pem")).signForAnother("server").sign("client");
    write(0, 1);
    try (OtlpReceiver receiver =
            OtlpReceiver.startWithTls(temp.resolve("otlp"), protocol, certificates);
        ShipProcess ship = ShipProcess.start(temp, engine(receiver, tls(certificates)))) {
      ship.awaitStatus("state", "wrong-credentials");
      assertThat(receiver.calls()).isZero();
      assertThat(ship.status("records")).contains("0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http/protobuf"})
  void start_authorityOfSomebodyElse_saysSoUntilTheFileIsMended(String protocol) throws Exception {
    Certificates certificates = Certificates.in(temp.resolve("pem")).sign("server").sign("client");
    Certificates others = Certificates.in(temp.resolve("others"));
    Path authority = Files.copy(others.authority(), temp.resolve("ca.pem"));
    String identity =
        "ca = \"%s\"\ncertificate = \"%s\"\nkey = \"%s\"\n"
            .formatted(authority, certificates.certificate("client"), certificates.key("client"));
    write(0, 1);
    try (OtlpReceiver receiver =
            OtlpReceiver.startWithTls(temp.resolve("otlp"), protocol, certificates);
        ShipProcess ship = ShipProcess.start(temp, engine(receiver, identity))) {
      ship.awaitStatus("state", "wrong-credentials");
      Files.writeString(authority, Files.readString(certificates.authority()));
      await(ship, receiver, 1);
    }
  }

  /** A server may close the connection and give no reason; gRPC's C core does. */
  @Test
  void start_noCertificateWhereOneIsWanted_nothingIsShipped() throws Exception {
    Certificates certificates = Certificates.in(temp.resolve("pem")).sign("server");
    write(0, 1);
    try (OtlpReceiver receiver =
            OtlpReceiver.startWithTls(temp.resolve("otlp"), "grpc", certificates);
        ShipProcess ship =
            ShipProcess.start(
                temp, engine(receiver, "ca = \"" + certificates.authority() + "\"\n"))) {
      ship.awaitStatus("state", "unreachable");
      ship.awaitStatus("records", "0");
    }
  }

  private static String engine(OtlpReceiver receiver, String more) {
    return "[otlp]\nserver = \"127.0.0.1:%d\"\nprotocol = \"%s\"\n%s\n"
        .formatted(receiver.port(), receiver.protocol(), more);
  }

  private static String tls(Certificates certificates) {
    return "ca = \"%s\"\ncertificate = \"%s\"\nkey = \"%s\"\n"
        .formatted(
            certificates.authority(),
            certificates.certificate("client"),
            certificates.key("client"));
  }

  private void write(int from, int to) {
    StringBuilder lines = new StringBuilder();
    for (int i = from; i < to; i++) {
      lines.append("<14>Mar  1 11:00:00 web-1 app: record ").append(i).append('\n');
    }
    logs.write("web-1", lines.toString());
  }

  /** All are acknowledged and were taken, which a broken connection may make happen twice. */
  private static void await(ShipProcess ship, OtlpReceiver receiver, int records)
      throws IOException {
    Await.until(
        Await.PATIENCE.multipliedBy(3),
        records + " records are there",
        () ->
            ship.status("records").equals(Optional.of(Integer.toString(records)))
                && receiver.records().stream().distinct().count() >= records,
        ship::log);
  }
}
