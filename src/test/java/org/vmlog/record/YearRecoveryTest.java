package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YearRecoveryTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // a file's time; the times of its lines; what they are
        "2026-11-21T12:00:00Z;Nov 21 11:00:00;2026-11-21T11:00:00Z",
        "2026-01-01T00:00:05Z;Dec 31 23:59:59,Jan  1 00:00:00;"
            + "2025-12-31T23:59:59Z,2026-01-01T00:00:00Z",
        "2026-11-21T12:00:00Z;Nov 22 11:59:00;2026-11-22T11:59:00Z",
        "2026-11-21T12:00:00Z;Nov 22 13:00:00;2025-11-22T13:00:00Z",
        "2026-03-01T00:00:00Z;Feb 29 11:00:00;2024-02-29T11:00:00Z",
        "2100-03-01T00:00:00Z;Feb 29 11:00:00;2096-02-29T11:00:00Z",
        // a guest without a clock boots, and then has one
        "2026-11-21T12:00:00Z;Nov 21 10:00:00,Jan  1 00:00:01,Jan  1 00:00:02,Nov 21 10:00:09;"
            + "2026-11-21T10:00:00Z,2026-01-01T00:00:01Z,2026-01-01T00:00:02Z,"
            + "2026-11-21T10:00:09Z",
        // over a year in one file
        "2026-11-21T12:00:00Z;Dec  1 00:00:00,Jun  1 00:00:00,Dec  2 00:00:00,Nov 21 00:00:00;"
            + "2025-12-01T00:00:00Z,2026-06-01T00:00:00Z,2025-12-02T00:00:00Z,"
            + "2026-11-21T00:00:00Z",
      })
  void seconds_withoutAYear_getItFromTheFile(String modified, String times, String expected) {
    assertThat(recover("UTC", modified, times)).isEqualTo(List.of(expected.split(",")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "2026-10-25T12:00:00Z;Oct 25 01:59:59,Oct 25 02:00:00,Oct 25 02:59:59,Oct 25 02:00:00,"
            + "Oct 25 03:00:00;"
            + "2026-10-24T23:59:59Z,2026-10-25T00:00:00Z,2026-10-25T00:59:59Z,"
            + "2026-10-25T01:00:00Z,2026-10-25T02:00:00Z",
        "2026-03-29T12:00:00Z;Mar 29 01:59:59,Mar 29 03:00:00;"
            + "2026-03-29T00:59:59Z,2026-03-29T01:00:00Z",
      })
  void seconds_whenClocksChange_goForward(String modified, String times, String expected) {
    assertThat(recover("Europe/Berlin", modified, times)).isEqualTo(List.of(expected.split(",")));
  }

  private static List<String> recover(String zone, String modified, String times) {
    YearRecovery years = new YearRecovery(ZoneId.of(zone), Instant.parse(modified));
    BsdTimestamp stamp = new BsdTimestamp(ZoneId.of(zone));
    List<String> found = new ArrayList<>();
    for (String time : times.split(",")) {
      byte[] bytes = time.getBytes(UTF_8);
      assertThat(stamp.parseFields(bytes, 0, bytes.length)).isEqualTo(bytes.length);
      found.add(Instant.ofEpochSecond(years.seconds(stamp)).toString());
    }
    return found;
  }
}
