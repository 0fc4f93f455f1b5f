package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Vmm;

/** Where a VM's lines stand and what they look like, byte for byte, in each layout and format. */
final class LayoutsAndFormatsTest {
  private static final long DECEMBER_31ST = 1_767_225_599; // 2025-12-31T23:59:59Z
  private static final String RECEIVED = "received=\"[^\"]*\"";

  /** What a VMM sends does not say its year. */
  private static final String VMM_YEAR = "^<27>1 2[0-9]{3}";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "plain, rfc3164", "plain, rfc5424", "plain, chromeos",
    "chromeos, rfc3164", "chromeos, rfc5424", "chromeos, chromeos"
  })
  void lines_ofBothMethodsAndTheVmm_standAsConfigured(String layout, String format)
      throws Exception {
    TestHost host =
        new TestHost(folder)
            .with("[logs]\nlayout = \"%s\"\nformat = \"%s\"".formatted(layout, format))
            .with("[crosvm]\nsender = \"relay\"")
            .with("[[vm]]\nowner = \"a11ce\"\nname = \"web 1\"\ncid = 42");
    Path log = log(layout);
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(folder.resolve(grpcSocket(layout)));
        Vmm vmm = Vmm.on(folder.resolve(datagramSocket(layout)))) {
      guest.send(Guest.Method.KERNEL, request(LogSeverity.ERROR, "[ 0.1] oops\n[ 0.2] \u001b[1m"));
      guest.send(Guest.Method.USER, request(LogSeverity.MISSING, " sshd[7]: écoute"));
      vmm.say("<27>Dec 31 23:59:59 crosvm[12]: bye");
      Await.until("all is written", () -> LogFiles.lines(log).size() == 3);
      assertThat(forwarder.terminate()).isZero();
    }
    List<String> lines =
        LogFiles.lines(log).stream()
            .map(line -> line.replaceFirst(RECEIVED, "received=\"NOW\""))
            .map(line -> line.replaceFirst(VMM_YEAR, "<27>1 YEAR"))
            .toList();
    assertThat(lines).isEqualTo(expected(format));
  }

  private static List<String> expected(String format) {
    return switch (format) {
      case "rfc3164" ->
          List.of(
              "<3>Dec 31 23:59:59 web_1 kernel: [ 0.1] oops#012[ 0.2] #033[1m",
              "<13>Dec 31 23:59:59 web_1 sshd[7]: écoute",
              "<27>Dec 31 23:59:59 web_1 crosvm[12]: bye");
      case "rfc5424" ->
          List.of(
              "<3>1 2025-12-31T23:59:59.000000+00:00 web_1 - - - [vm@32473 owner=\"a11ce\""
                  + " cid=\"42\" channel=\"kernel\" received=\"NOW\"]"
                  + " kernel: [ 0.1] oops#012[ 0.2] #033[1m",
              "<13>1 2025-12-31T23:59:59.000000+00:00 web_1 - - - [vm@32473 owner=\"a11ce\""
                  + " cid=\"42\" channel=\"user\" received=\"NOW\"] sshd[7]: écoute",
              "<27>1 YEAR-12-31T23:59:59.000000+00:00 web_1 - - - [vm@32473 owner=\"a11ce\""
                  + " cid=\"42\" channel=\"vmm\" received=\"NOW\"] crosvm[12]: bye");
      default ->
          List.of(
              "Dec 31 23:59:59 <11>  VM(42): [ 0.1] oops#012[ 0.2] #033[1m",
              "Dec 31 23:59:59 <13>  VM(42):  sshd[7]: écoute",
              "Dec 31 23:59:59 <11>  VM(42):  crosvm[12]: bye");
    };
  }

  private Path log(String layout) {
    String name = layout.equals("plain") ? "a11ce/web%201.log" : "a11ce/log/d2ViIDE=.log";
    return folder.resolve("logs").resolve(name);
  }

  private static String grpcSocket(String layout) {
    return "run/vm/a11ce/" + (layout.equals("plain") ? "web%201" : "d2ViIDE=") + ".grpc";
  }

  private static String datagramSocket(String layout) {
    return layout.equals("plain") ? "run/vm/a11ce/web%201.lsock" : "logs/a11ce/log/d2ViIDE=.lsock";
  }

  private static LogRequest request(LogSeverity severity, String content) {
    return LogRequest.newBuilder()
        .addRecords(Guest.record(severity, DECEMBER_31ST, content.getBytes(StandardCharsets.UTF_8)))
        .build();
  }
}
