package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vmlog.exposition.MetricsEndpoint;
import org.vmlog.platform.SocketAccess;
import org.vmlog.platform.Threads;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * No option of a command that looks at logs is without effect: each is typed by each of its names,
 * and the same line without it has to end otherwise. What it should show is other tests' matter.
 */
final class OptionsAreTestedTest {
  private static final Set<String> PICOCLIS = Set.of("-h", "--help", "-V", "--version");
  private static final String OPTION = "{}";

  /** A line for each option, in which it stands as braces; a word in brackets goes with it. */
  private static final List<String> LINES =
      List.of(
          "tail -n,--lines {} [1]",
          "tail -S,--since {} [11:59]",
          "tail -U,--until {} [2026-01-01]",
          "tail -p,--priority {} [err]",
          "tail -t,--tag {} [sshd]",
          "tail -k,--kernel {}",
          "tail --channel {} [vmm,kernel]",
          "tail --console {}",
          "tail -b,--boot {} [-1]",
          "tail -g,--grep {} [Kex]",
          "tail -i,--ignore-case -g kex {}",
          "tail -v,--invert-match -g Kex {}",
          "tail -o,--output {} [json]",
          "tail --template {} [{vm}]",
          "tail --color {} [always]",
          "tail --highlight --color always {} [Kex]",
          "tail --raw {}",
          "TERMINAL tail --yes --raw {}",
          "tail --show-cursor {}",
          "tail --after-cursor {} [CURSOR]",
          "tail --cursor-file {} [CURSORFILE]",
          "tail --directory {} [EMPTY]",
          "TERMINAL tail -q,--quiet -g nowhere {}",
          "grep -e,--regexp {} [ready]",
          "grep -w,--word-regexp {} e",
          "grep -m,--max-count {} [1] e",
          "grep -q,--quiet {} e",
          "grep -F,--fixed-strings {} e.dy",
          "grep -i,--ignore-case {} READY",
          "grep -v,--invert-match {} ready",
          "grep -c,--count {} ready",
          "grep -l,--list {} ready",
          "grep -S,--since {} [11:59] e",
          "grep -U,--until {} [2026-01-01] e",
          "grep -p,--priority {} [err] e",
          "grep -t,--tag {} [sshd] e",
          "grep -k,--kernel {} i",
          "grep --channel {} [vmm,kernel] i",
          "grep --console {} e",
          "grep -b,--boot {} [-1] e",
          "grep -o,--output {} [json] e",
          "grep --template {} [{vm}] e",
          "grep --color {} [always] e",
          "grep --highlight --color always {} [Kex] e",
          "grep --raw {} e",
          "TERMINAL grep --yes --raw {} e",
          "grep --directory {} [EMPTY] e",
          "ls -s,--size {}",
          "ls -t,--time {}",
          "ls -o,--output {} [json]",
          "ls --directory {} [EMPTY]",
          "path -a,--all {} web-1",
          "path --directory {} [EMPTY] web-1",
          "export -o,--output {} [plain]",
          "export --file {} [FILE]",
          "export --bundle {} [FILE]",
          "export -S,--since {} [11:59]",
          "export -U,--until {} [2026-01-01]",
          "export -p,--priority {} [err]",
          "export -t,--tag {} [sshd]",
          "export -k,--kernel {}",
          "export --channel {} [vmm,kernel]",
          "export --console {}",
          "export -b,--boot {} [-1]",
          "last-words -n,--lines {} [1] web-1",
          "last-words -o,--output {} [json] web-1",
          "last-words --template {} [{vm}] web-1",
          "last-words --color {} [always] web-1",
          "last-words --highlight --color always {} [Kex] web-1",
          "last-words --raw {} web-1",
          "TERMINAL last-words --yes --raw {} web-1",
          "last-words --directory {} [EMPTY] web-1",
          "export -g,--grep {} [Kex]",
          "export -i,--ignore-case -g kex {}",
          "export -v,--invert-match -g Kex {}",
          "export --directory {} [EMPTY]",
          "doctor --config {} [FILE]",
          "doctor -o,--output {} [json]",
          "top -s,--sort -i 0.1 {} [bytes]",
          "top -r,--reverse -i 0.1 {}",
          "top --metrics -i 0.1 {} [unix:/nowhere]");

  /** Options whose effect is not on what is printed at once: the test that fails without them. */
  private static final Map<String, String> ELSEWHERE =
      Map.ofEntries(
          Map.entry("tail -f", "acceptance.FollowedLogsTest#follow_whoseReaderHasSeenEnough_ends"),
          Map.entry(
              "tail --follow",
              "acceptance.FollowedLogsTest#follow_untilCtrlC_showsWhatComesAndThenItsCursor"),
          Map.entry(
              "tail --utc",
              "cli.LookingCommandsTest#times_areInTheReadersZone_orInUtc_toTheMicrosecond"),
          Map.entry(
              "grep --utc",
              "cli.LookingCommandsTest#times_areInTheReadersZone_orInUtc_toTheMicrosecond"),
          Map.entry(
              "last-words --utc",
              "cli.LookingCommandsTest#times_areInTheReadersZone_orInUtc_toTheMicrosecond"),
          Map.entry("top -i", "cli.TopCommandTest#interval_isHowLongIsCounted"),
          Map.entry("top --interval", "cli.TopCommandTest#interval_isHowLongIsCounted"),
          Map.entry("top --once", "acceptance.TopViewTest#once_onATerminal_printsAndEnds"),
          Map.entry("top --color", "acceptance.TopViewTest#colour_isThereUnlessItIsNotWanted"),
          Map.entry("status -o", "cli.StatusCommandTest#status_ofAVm_isACardOfAllThereIs"),
          Map.entry(
              "tail --kafka",
              "acceptance.FleetTailTest#tail_follow_showsWhatComesUntilItIsInterrupted"),
          Map.entry(
              "tail --host",
              "acceptance.FleetTailTest#tail_twoHosts_mergedSelectedAndEachRecordOnce"),
          Map.entry(
              "status --output",
              "cli.StatusCommandTest#status_ofAll_isALineForEachLiveVmAndTheCounters"),
          Map.entry(
              "status --ship-state",
              "cli.StatusCommandTest#status_aShipperReadsTheLogs_saysHowThatGoes"),
          Map.entry("status --bus", "cli.StatusCommandTest#status_ofAVm_isACardOfAllThereIs"),
          Map.entry(
              "web -n",
              "acceptance.WebPageTest#filter_byTextSeverityAndVm_showsWhatPassesOfThePastAndLive"),
          Map.entry(
              "web --lines",
              "acceptance.WebPageTest#filter_byTextSeverityAndVm_showsWhatPassesOfThePastAndLive"),
          Map.entry("web --port", "acceptance.WebPageTest#stream_thatIsCut_goesOnWhereItWas"),
          Map.entry("web --token-file", "acceptance.WebPageTest#stream_thatIsCut_goesOnWhereItWas"),
          Map.entry("web --directory", "acceptance.WebPageTest#lines_whateverIsInThem_areText"));

  @TempDir Path folder;
  private VmlogRun vmlog;
  private Map<String, String> stands;
  private MetricsEndpoint metrics;

  @BeforeEach
  void write() throws IOException {
    Path logs = folder.resolve("logs");
    ShownLogs.write(logs);
    // Another file, or "all" of a log's would be no more than the one that is written to.
    Files.createFile(logs.resolve("alice/web-1.log.1"));
    // Neither the largest nor the last that was written to is the first by its name.
    Files.setLastModifiedTime(
        logs.resolve("bob/db-1.log"), FileTime.from(Instant.parse("2100-01-01T00:00:00Z")));
    Path socket = folder.resolve("metrics.sock");
    metrics =
        MetricsEndpoint.onUnix(
            socket,
            new SocketAccess(0600, Optional.empty()),
            Threads.named("metrics"),
            () -> PAGE.getBytes(UTF_8));
    vmlog = new VmlogRun(logs).with("VMLOG_METRICS", "unix:" + socket);
    String shown = vmlog.run("tail", "web-1", "--show-cursor").out();
    Path cursorFile = folder.resolve("cursor");
    VmlogRun.Result unused = vmlog.run("tail", "--cursor-file=" + cursorFile);
    stands =
        Map.of(
            "CURSORFILE", cursorFile.toString(),
            "CURSOR", shown.substring(shown.indexOf("-- cursor: ") + 11).strip(),
            "EMPTY", folder.toString(),
            "FILE", folder.resolve("file").toString());
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  private static final String PAGE =
      """
      vmlog_source_records_total{kind="vm",name="many",owner="alice",severity="info"} 9
      vmlog_source_written_bytes_total{kind="vm",name="many",owner="alice",severity="info"} 9
      vmlog_source_records_total{kind="vm",name="long",owner="alice",severity="info"} 1
      vmlog_source_written_bytes_total{kind="vm",name="long",owner="alice",severity="info"} 999
      """;

  static Stream<String> lines() {
    return LINES.stream();
  }

  @ParameterizedTest
  @MethodSource("lines")
  void option_thatIsIgnored_wouldShow(String line) {
    for (String name : names(line)) {
      VmlogRun.Result with = run(line, name);
      VmlogRun.Result without = run(line, "");
      assertThat(with).as("%s with and without %s", line, name).isNotEqualTo(without);
      if (!command(line).equals("doctor")) { // which looks at this machine
        assertThat(run(line, "")).as("%s, again", line).isEqualTo(without);
      }
    }
  }

  @Test
  void options_areAllInOneOfTheTables() throws Exception {
    Set<String> tested = new HashSet<>(ELSEWHERE.keySet());
    for (String line : LINES) {
      names(line).forEach(name -> tested.add(command(line) + " " + name));
    }
    Set<String> there = new TreeSet<>();
    Map<String, CommandLine> commands =
        VmlogCommand.commandLine(Session.ofProcess()).getSubcommands();
    for (String looking :
        List.of(
            "tail",
            "last-words",
            "grep",
            "ls",
            "path",
            "export",
            "web",
            "status",
            "top",
            "doctor")) {
      for (OptionSpec option : commands.get(looking).getCommandSpec().options()) {
        Arrays.stream(option.names())
            .filter(name -> !PICOCLIS.contains(name))
            .forEach(name -> there.add(looking + " " + name));
      }
    }
    assertThat(tested).containsExactlyInAnyOrderElementsOf(there);
    for (String test : ELSEWHERE.values()) {
      String[] parts = test.split("#", -1);
      assertThat(Class.forName("org.vmlog." + parts[0]).getDeclaredMethods())
          .as(test)
          .anyMatch(method -> method.getName().equals(parts[1]));
    }
  }

  private VmlogRun.Result run(String line, String name) {
    List<String> words = new ArrayList<>();
    for (String word : line.replace("TERMINAL ", "").split(" ", -1)) {
      boolean ofOption = word.startsWith("[");
      String plain = ofOption ? word.substring(1, word.length() - 1) : word;
      if (word.equals(OPTION)) {
        words.add(name);
      } else if (!ofOption || !name.isEmpty()) {
        words.add(stands.getOrDefault(plain, plain));
      }
    }
    words.remove(1); // the option's names
    words.removeIf(String::isEmpty);
    VmlogRun run = line.startsWith("TERMINAL ") ? vmlog.copy().onTerminal() : vmlog;
    return run.run(words.toArray(String[]::new));
  }

  private static String command(String line) {
    return line.replace("TERMINAL ", "").split(" ", 2)[0];
  }

  private static List<String> names(String line) {
    return List.of(line.replace("TERMINAL ", "").split(" ", -1)[1].split(",", -1));
  }
}
