package org.vmlog.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeverityTest {
  @Test
  void keywords_areThoseOfSyslog() {
    assertThat(Stream.of(Severity.values()).map(Severity::keyword))
        .containsExactly("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug");
  }

  @ParameterizedTest
  @CsvSource({"emerg, 0", "EMERG, 0", "critical, 2", "error, 3", "3, 3", "warn, 4", "7, 7"})
  void parse_keywordLongerNameOrNumber_isThatSeverity(String text, int number) {
    assertThat(Severity.parse(text)).isSameAs(Severity.of(number));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "loud", "8", "-1", "+3", "err "})
  void parse_otherText_isRefused(String text) {
    assertThatThrownBy(() -> Severity.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
