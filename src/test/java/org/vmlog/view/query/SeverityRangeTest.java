package org.vmlog.view.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeverityRangeTest {
  @ParameterizedTest
  @CsvSource({
    "emerg,0",
    "err,0123",
    "error,0123",
    "ERR,0123",
    "3,0123",
    "0,0",
    "warning,01234",
    "warn,01234",
    "notice,012345",
    "info,0123456",
    "debug,01234567",
    "7,01234567",
    "warning..err,34",
    "err..warning,34",
    "3..4,34",
    "crit..2,2",
    "emergency..critical,012",
    "alert..information,123456",
  })
  void range_asItIsTyped_holdsThese(String typed, String severities) {
    SeverityRange range = SeverityRange.parse(typed);
    String held =
        IntStream.rangeClosed(0, 7)
            .filter(range::holds)
            .mapToObj(Integer::toString)
            .reduce("", String::concat);
    assertThat(held).isEqualTo(severities);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "loud", "8", "-1", "err..", "..err", "err..warning..debug", "e"})
  void range_thatIsNone_saysWhatIsAllowed(String typed) {
    assertThatThrownBy(() -> SeverityRange.parse(typed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "severity \".*\"; allowed are emerg, alert, crit, err, warning, notice, info, debug or 0"
                + " to 7, or two of them as in warning..err");
  }
}
