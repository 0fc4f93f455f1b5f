package org.vmlog.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The format file for lnav, by its own samples and, where lnav is installed, by lnav itself. */
class LnavFormatTest {
  private static final Path FILE = Path.of("packaging/lnav/vmlog.json");
  private static final Path LNAV = Path.of("/usr/bin/lnav");

  private final Map<String, Pattern> patterns = new TreeMap<>();
  private final Map<String, Pattern> levels = new TreeMap<>();
  private JsonObject format;

  @TempDir Path folder;

  @BeforeEach
  void read() throws IOException {
    format = JsonParser.parseString(Files.readString(FILE)).getAsJsonObject();
    format = format.getAsJsonObject("vmlog_log");
    for (Map.Entry<String, JsonElement> regex : format.getAsJsonObject("regex").entrySet()) {
      String pattern = regex.getValue().getAsJsonObject().get("pattern").getAsString();
      patterns.put(regex.getKey(), Pattern.compile(pattern));
    }
    for (Map.Entry<String, JsonElement> level : format.getAsJsonObject("level").entrySet()) {
      levels.put(level.getKey(), Pattern.compile(level.getValue().getAsString()));
    }
  }

  @Test
  void samples_each_matchOnePatternAndHaveTheirLevel() {
    Map<String, Integer> matched = new TreeMap<>();
    for (JsonElement element : format.getAsJsonArray("sample")) {
      JsonObject sample = element.getAsJsonObject();
      String line = sample.get("line").getAsString();

      List<String> names = namesOfMatching(line);

      assertThat(names).as(line).hasSize(1);
      matched.merge(names.get(0), 1, Integer::sum);
      Matcher matcher = matcher(names.get(0), line);
      assertThat(levelsOf(matcher.group("pri")))
          .as(line)
          .containsExactly(sample.get("level").getAsString());
    }
    assertThat(matched).containsOnlyKeys("rfc3164", "rfc5424", "chromeos");
  }

  @Test
  void levels_everyPriOfAFile_isExactlyOne() {
    String[] bySeverity = {
      "fatal", "fatal", "critical", "error", "warning", "notice", "info", "debug"
    };
    for (int facility : new int[] {0, 1, 3, 5}) {
      for (int severity = 0; severity < 8; severity++) {
        String pri = Integer.toString(8 * facility + severity);
        assertThat(levelsOf(pri)).as(pri).containsExactly(bySeverity[severity]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          rfc3164  | <11>Dec 31 23:59:59 web-1 sshd[312]: error: x           | sshd    | 312 | error: x
          rfc3164  | <14>Jan  2 03:04:05 web-1 no tag at all                 |         |     | no tag at all
          rfc3164  | <6>Jan  2 03:04:05 vm kernel: a[1]: b                   | kernel  |     | a[1]: b
          chromeos | Jan  2 03:04:05 <15>  VM(42):  systemd[1]: Started.     | systemd | 1   | Started.
          chromeos | Jan  2 03:04:05 <15>  VM(42): plain text                |         |     | plain text
          rfc5424  | <14>1 2026-01-02T03:04:05.12+01:00 h - - - - sshd[1]: x | sshd    | 1   | x
          rfc5424  | <14>1 2026-01-02T03:04:05.12+01:00 h - - - - plain text |         |     | plain text
          """)
  void patterns_parts_areTaken(String name, String line, String tag, String pid, String body) {
    Matcher matcher = matcher(name, line);

    assertThat(matcher.group("tag")).isEqualTo(tag);
    assertThat(matcher.group("pid")).isEqualTo(pid);
    assertThat(matcher.group("body")).isEqualTo(body);
  }

  @Test
  void patterns_structuredData_isTakenWithItsEscapes() {
    Matcher matcher =
        matcher(
            "rfc5424",
            "<2>1 2026-01-02T03:04:05.000000Z web-1 - - - [vm@32473 owner=\"a\\\"b\\]c\" cid=\"42\""
                + " channel=\"kernel\" received=\"2026-01-02T03:04:05.000001Z\"] kernel: Oops");

    assertThat(matcher.group("owner")).isEqualTo("a\\\"b\\]c");
    assertThat(matcher.group("cid")).isEqualTo("42");
    assertThat(matcher.group("channel")).isEqualTo("kernel");
    assertThat(matcher.group("body")).isEqualTo("Oops");
  }

  @Test
  void lnav_itsOwnCheck_findsNothingWrong() throws Exception {
    assertThat(lnav("-C")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          <4>Jan  2 03:04:05 web-1 kernel: hot                                      | warning,kernel,hot
          <14>1 2026-01-02T03:04:05.123456+01:00 web-1 - - - - sshd[312]: Accepted  | info,sshd,Accepted
          Jan  2 03:04:05 <11>  VM(42):  sshd[312]: Refused                         | error,sshd,Refused
          """)
  void lnav_aFileOfEachFormat_isReadByThisFormat(String line, String row) throws Exception {
    Path log = folder.resolve("web-1.log");
    Files.writeString(log, line + "\n" + line + "\n");

    String out =
        lnav(
            "-n",
            "-c",
            ";SELECT log_level, tag, log_body FROM vmlog_log",
            "-c",
            ":write-csv-to -",
            log.toString());

    assertThat(out.lines()).containsExactly("log_level,tag,log_body", row, row);
  }

  private String lnav(String... arguments) throws IOException, InterruptedException {
    assumeThat(LNAV).as("lnav (Debian package lnav)").exists();
    Path formats = Files.createDirectories(folder.resolve("formats/vmlog"));
    Files.copy(FILE, formats.resolve("vmlog.json"));
    List<String> command = new ArrayList<>(List.of(LNAV.toString(), "-I", folder.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HOME", folder.toString());
    Process lnav = builder.start();
    lnav.getOutputStream().close();
    String out = new String(lnav.getInputStream().readAllBytes(), UTF_8);
    assertThat(lnav.waitFor()).as(out).isZero();
    return out;
  }

  private List<String> namesOfMatching(String line) {
    return patterns.keySet().stream()
        .filter(name -> patterns.get(name).matcher(line).matches())
        .toList();
  }

  private List<String> levelsOf(String pri) {
    return levels.keySet().stream()
        .filter(level -> levels.get(level).matcher(pri).matches())
        .toList();
  }

  private Matcher matcher(String name, String line) {
    Matcher matcher = patterns.get(name).matcher(line);
    assertThat(matcher.matches()).as(line).isTrue();
    return matcher;
  }
}
