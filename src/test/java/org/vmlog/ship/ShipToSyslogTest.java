package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Await;
import org.vmlog.testing.Certificates;
import org.vmlog.testing.ShipProcess;
import org.vmlog.testing.TlsSyslogServer;

/** The program and a real rsyslogd, by TLS with certificates on both sides. */
@Timeout(240)
class ShipToSyslogTest {
  @TempDir Path temp;
  private SinkLogs logs;
  private Certificates certificates;

  @BeforeEach
  void open() throws Exception {
    logs = new SinkLogs(temp, 5, Runnable::run);
    certificates = Certificates.in(temp.resolve("pem")).sign(TlsSyslogServer.NAME).sign("client");
  }

  @AfterEach
  void close() {
    logs.close();
  }

  @Test
  void records_byTls_areTakenApartAsTheyWereMeant() throws Exception {
    String first =
        "<11>1 2026-03-01T12:00:00.000007+01:00 web-1 - - - [vm@32473 owner=\"alice\" cid=\"42\"]"
            + " nginx[311]: café ]\"\\ <1>\n";
    logs.write("web-1", first + "<6>1 2026-03-01T11:00:01Z web-1 - - - - kernel: up\n");
    try (TlsSyslogServer rsyslog = TlsSyslogServer.rsyslog(temp.resolve("rsyslog"), certificates);
        ShipProcess ship = ShipProcess.start(temp, engine(rsyslog, certificates))) {
      List<String> messages = rsyslog.awaitMessages(2);
      String id = "host-1/alice/web-1/%016x@".formatted(logs.ids("web-1").get(0));
      assertThat(messages)
          .containsExactly(
              "11|2026-03-01T11:00:00.000007Z|web-1|[vm@32473 owner=\"alice\" name=\"web-1\""
                  + " cid=\"42\" channel=\"user\" host=\"rack3\" id=\""
                  + id
                  + "0\"]|nginx[311]: café ]\"\\ <1>",
              "6|2026-03-01T11:00:01.000000Z|web-1|[vm@32473 owner=\"alice\" name=\"web-1\""
                  + " channel=\"kernel\" host=\"rack3\" id=\""
                  + id
                  + first.getBytes(UTF_8).length
                  + "\"]|kernel: up");
      ship.awaitStatus("records", "2");
      assertThat(ship.terminate()).isZero();
    }
  }

  /** What comes while the server is away waits in its file. */
  @Test
  void records_serverIsStoppedMeanwhile_eachArrivesInOrder() throws Exception {
    try (TlsSyslogServer rsyslog = TlsSyslogServer.rsyslog(temp.resolve("rsyslog"), certificates);
        ShipProcess ship = ShipProcess.start(temp, engine(rsyslog, certificates))) {
      logs.write("web-1", lines(0, 500));
      assertThat(rsyslog.awaitMessages(500)).hasSize(500);
      rsyslog.stop();
      ship.awaitStatus("state", "unreachable");
      logs.write("web-1", lines(500, 1000));
      rsyslog.restart();
      assertThat(rsyslog.awaitMessages(1000))
          .extracting(message -> message.substring(message.lastIndexOf('|') + 1))
          .containsExactlyElementsOf(
              IntStream.range(0, 1000).mapToObj(i -> "app: record " + i).toList());
    }
  }

  /**
   * The protocol acknowledges nothing, so what a server had not read when it stopped is lost: one
   * run of records for each stop, and not one besides.
   */
  @ParameterizedTest
  @ValueSource(strings = {"rsyslog", "syslog-ng"})
  void records_serverIsStoppedUnderLoad_loseOneRunAndNothingElse(String kind) throws Exception {
    int records = 40_000;
    try (TlsSyslogServer server = server(kind);
        ShipProcess ship = ShipProcess.start(temp, engine(server, certificates))) {
      logs.write("web-1", lines(0, records));
      server.awaitMessages(1000);
      server.stop();
      server.restart();
      logs.write("web-1", lines(records, records + 10));
      Await.until(
          Await.PATIENCE.multipliedBy(4),
          "the last record is there",
          () -> server.awaitMessages(1).stream().anyMatch(one -> one.endsWith(" " + (records + 9))),
          ship::log);
      BitSet there = new BitSet();
      for (String message : server.awaitMessages(1)) {
        there.set(Integer.parseInt(message.substring(message.lastIndexOf(' ') + 1)));
      }
      int lost = records + 10 - there.cardinality();
      int first = there.nextClearBit(0);
      System.out.println(
          "ShipToSyslogTest: of " + records + " records " + kind + " lost " + lost + " by a stop");
      assertThat(there.nextSetBit(first) - first)
          .as("one run from " + first)
          .isEqualTo(lost == 0 ? -1 - first : lost);
    }
  }

  private TlsSyslogServer server(String kind) throws Exception {
    return kind.equals("rsyslog")
        ? TlsSyslogServer.rsyslog(temp.resolve("server"), certificates)
        : TlsSyslogServer.syslogNg(temp.resolve("server"), certificates);
  }

  /**
   * What a server makes of a message that is longer than it takes differs, and some of it a guest
   * could use to speak for another VM.
   */
  @ParameterizedTest
  @ValueSource(strings = {"rsyslog", "syslog-ng"})
  void records_longerThanTheServersTake_arriveInPiecesUnderTheirVm(String kind) throws Exception {
    String forged = "é<8>1 2026-03-01T11:00:00Z db-1 sshd - - - forged ";
    String content = "app: x" + forged.repeat(4000) + "end";
    logs.write("web-1", lines(0, 3) + "<14>Mar  1 11:00:00 web-1 " + content + "\n" + lines(3, 6));
    try (TlsSyslogServer server = server(kind);
        ShipProcess ship = ShipProcess.start(temp, engine(server, certificates))) {
      List<String> messages = server.awaitMessages(6 + content.getBytes(UTF_8).length / 8000);
      ship.awaitStatus("records", "7");
      StringBuilder pieces = new StringBuilder();
      int number = 0;
      for (String message : messages) {
        String[] parts = message.split("\\|", 5);
        assertThat(parts[2]).isEqualTo("web-1");
        if (parts[3].contains(" part=\"")) {
          number++;
          assertThat(parts[3]).contains(" part=\"" + number + "/");
          pieces.append(parts[4]);
        }
      }
      assertThat(pieces.toString()).isEqualTo(content);
      assertThat(messages.get(messages.size() - 4)).contains(" part=\"" + number + "/" + number);
      assertThat(messages)
          .filteredOn(message -> !message.contains(" part=\""))
          .extracting(message -> message.substring(message.lastIndexOf('|') + 1))
          .containsExactlyElementsOf(
              IntStream.range(0, 6).mapToObj(i -> "app: record " + i).toList());
    }
  }

  /** Nobody listens at the first address of the name. */
  @Test
  void records_onlyTheSecondAddressOfTheServerAnswers_arrive() throws Exception {
    Path hosts = Files.writeString(temp.resolve("hosts"), "127.0.0.2 server\n127.0.0.1 server\n");
    logs.write("web-1", lines(0, 3));
    try (TlsSyslogServer rsyslog = TlsSyslogServer.rsyslog(temp.resolve("rsyslog"), certificates);
        ShipProcess ship =
            ShipProcess.startWithHosts(
                temp, hosts, engine(rsyslog, certificates).replace("127.0.0.1:", "server:"))) {
      assertThat(rsyslog.awaitMessages(3)).hasSize(3);
      ship.awaitStatus("records", "3");
    }
  }

  @Test
  void start_authorityOfSomebodyElse_saysSoAndShipsNothing() throws Exception {
    Certificates others =
        Certificates.in(temp.resolve("others")).sign(TlsSyslogServer.NAME).sign("client");
    logs.write("web-1", lines(0, 1));
    try (TlsSyslogServer rsyslog = TlsSyslogServer.rsyslog(temp.resolve("rsyslog"), certificates);
        ShipProcess ship = ShipProcess.start(temp, engine(rsyslog, others))) {
      ship.awaitStatus("state", "wrong-credentials");
      ship.awaitStatus("records", "0");
    }
  }

  private static String engine(TlsSyslogServer rsyslog, Certificates certificates) {
    return """
           [syslog]
           server = "127.0.0.1:%d"
           ca = "%s"
           certificate = "%s"
           key = "%s"
           """
        .formatted(
            rsyslog.port(),
            certificates.authority(),
            certificates.certificate("client"),
            certificates.key("client"));
  }

  private static String lines(int from, int to) {
    StringBuilder lines = new StringBuilder();
    for (int i = from; i < to; i++) {
      lines.append("<14>Mar  1 11:00:00 web-1 app: record ").append(i).append('\n');
    }
    return lines.toString();
  }
}
