package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vmlog.logs.LogName;
import org.vmlog.record.LineParser;
import org.vmlog.record.YearRecovery;
import org.vmlog.view.LogLine;

class LineOrderTest {
  private final LineOrder order = new LineOrder(1000);

  @Test
  void next_linesOfSeveralVms_byTimeAndEachVmsAsTheyCame() {
    order.add(line("web", "11:00:05", "one"));
    order.add(line("web", "11:00:01", "two")); // its clock stepped back
    order.add(line("db", "11:00:03", "three"));
    order.add(line("db", "11:00:07", "four"));
    assertThat(rest()).containsExactly("three", "one", "two", "four");
  }

  @Test
  void excess_moreThanIsHeld_theFirst() {
    for (int i = 9; i > 0; i--) {
      order.add(line("vm" + i, "11:00:0" + i, "line " + i));
    }
    assertThat(order.excess()).isNotNull();
    assertThat(rest()).last().isEqualTo("line 9");
  }

  private List<String> rest() {
    List<String> rest = new ArrayList<>();
    for (LogLine line = order.next(); line != null; line = order.next()) {
      rest.add(line.line().content());
    }
    return rest;
  }

  private static LogLine line(String vm, String time, String text) {
    byte[] bytes = ("<14>Mar  1 " + time + " web " + text).getBytes(UTF_8);
    YearRecovery years = new YearRecovery(ZoneOffset.UTC, Instant.parse("2026-03-02T00:00:00Z"));
    return new LogLine(
        new LogName("rack3", "alice", vm), new LineParser(years).parse(bytes, 0, bytes.length));
  }
}
