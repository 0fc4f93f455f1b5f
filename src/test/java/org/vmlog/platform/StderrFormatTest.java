package org.vmlog.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StderrFormatTest {
  private final StderrFormat journal = new StderrFormat(true, false, ZoneOffset.UTC);
  private final StderrFormat terminal = new StderrFormat(false, false, ZoneOffset.ofHours(2));

  @ParameterizedTest
  @CsvSource({
    "SEVERE, <3>it, 14:03:04 error it",
    "WARNING, <4>it, 14:03:04 warning it",
    "INFO, <6>it, 14:03:04 info it",
    "CONFIG, <7>it, 14:03:04 debug it",
    "FINE, <7>it, 14:03:04 debug it",
    "FINEST, <7>it, 14:03:04 debug it"
  })
  void format_level_isToldInBothForms(String level, String toJournal, String toTerminal) {
    LogRecord record = record(Level.parse(level), "it");

    assertThat(journal.format(record)).isEqualTo(toJournal + "\n");
    assertThat(terminal.format(record)).isEqualTo(toTerminal + "\n");
  }

  @Test
  void format_forTheKernelLog_namesTheProgramAndStaysShort() {
    StderrFormat kernel = StderrFormat.forKernelLog("vm-syslog[7]: ");

    assertThat(kernel.format(record(Level.WARNING, "it"))).isEqualTo("<4>vm-syslog[7]: it\n");
    assertThat(kernel.format(record(Level.INFO, "é".repeat(5000))).getBytes(UTF_8))
        .hasSizeLessThan(976); // what the kernel takes, LOG_LINE_MAX
  }

  @Test
  void format_hostileText_staysOneHarmlessLine() {
    LogRecord record =
        record(Level.INFO, "VM a\nb\r\u001b[2J\u0000\u0085\u202e\u2028\ud800 é 中 \ud83d\ude00 #");

    assertThat(journal.format(record))
        .isEqualTo("<6>VM a#012b#015#033[2J#000#205#{20056}#{20050}#{154000} é 中 \ud83d\ude00 #\n");
  }

  @Test
  void format_longText_isCut() {
    assertThat(journal.format(record(Level.INFO, "x".repeat(9000))))
        .isEqualTo("<6>" + "x".repeat(8192) + "…\n");
  }

  @Test
  void format_throwable_isTheChainOfMessagesOnOneLine() {
    LogRecord record = record(Level.WARNING, "cannot open a.log");
    IOException inner = new IOException("No space\nleft");
    record.setThrown(new IOException("write failed", inner));

    assertThat(journal.format(record))
        .isEqualTo(
            "<4>cannot open a.log: IOException: write failed; caused by IOException: No"
                + " space#012left\n");
  }

  @Test
  void format_defect_namesItsPlace() {
    LogRecord record = record(Level.SEVERE, "");
    record.setThrown(new IllegalStateException());

    assertThat(journal.format(record))
        .matches(
            "<3>IllegalStateException at .*StderrFormatTest\\.format_defect_namesItsPlace"
                + "\\(StderrFormatTest\\.java:\\d+\\)\n");
  }

  @Test
  void format_causesInACircle_comeToAnEnd() {
    IOException one = new IOException("one");
    one.initCause(new IOException("two", one));
    LogRecord record = record(Level.SEVERE, "x");
    record.setThrown(one);

    assertThat(journal.format(record).split("caused by", -1)).hasSize(8);
  }

  @Test
  void format_withStackTraces_hasEachFrameAsADebugLine() {
    LogRecord record = record(Level.SEVERE, "x");
    record.setThrown(new UncheckedIOException("outer", new IOException("inner")));

    String[] lines = new StderrFormat(true, true, ZoneOffset.UTC).format(record).split("\n", -1);

    assertThat(lines[0]).startsWith("<3>x: UncheckedIOException: outer at ");
    assertThat(lines[1]).startsWith("<7>  at ").contains("StderrFormatTest");
    assertThat(lines).anyMatch(line -> line.equals("<7>Caused by: java.io.IOException: inner"));
  }

  private static LogRecord record(Level level, String message) {
    LogRecord record = new LogRecord(level, message);
    record.setInstant(Instant.parse("2026-01-02T12:03:04Z"));
    return record;
  }
}
