package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTypesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "1KiB, 1024",
    "1023KiB, 1047552",
    "64MiB, 67108864",
    "3GiB, 3221225472",
    "1000000, 1000000",
    "9223372036854775807, 9223372036854775807"
  })
  void sizes_parseAndFormat_areInverse(String text, long bytes) throws Exception {
    assertThat(Sizes.atLeast(0).parse(text)).isEqualTo(bytes);
    assertThat(Sizes.format(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "MiB", "1 MiB", "1.5GiB", "-1", "1TiB", "1mib", "9999999999GiB", "٣MiB"})
  void sizes_notASize_isRefused(String text) {
    assertThatThrownBy(() -> Sizes.atLeast(0).parse(text)).isInstanceOf(BadValueException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "0ms, PT0S",
    "1ms, PT0.001S",
    "1500ms, PT1.5S",
    "5s, PT5S",
    "90m, PT1H30M",
    "36h, PT36H",
    "1d, PT24H",
    "36500d, PT876000H"
  })
  void durations_parseAndFormat_areInverse(String text, Duration duration) throws Exception {
    assertThat(Durations.atLeast(Duration.ZERO).parse(text)).isEqualTo(duration);
    assertThat(Durations.format(duration)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "5 s", "1h30m", "-1s", "1w", "36501d", "9999999999999999d"})
  void durations_notADuration_isRefused(String text) {
    assertThatThrownBy(() -> Durations.atLeast(Duration.ZERO).parse(text))
        .isInstanceOf(BadValueException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9999, 127.0.0.1:9999",
    "[::1]:9999, [0:0:0:0:0:0:0:1]:9999",
    "0.0.0.0:1, 0.0.0.0:1",
    "[fd00::2]:65535, [fd00:0:0:0:0:0:0:2]:65535"
  })
  void endpoints_parseAndFormat_areInverse(String text, String formatted) throws Exception {
    var endpoint = NumericAddresses.ENDPOINT_ADDRESS.parse(text);

    assertThat(NumericAddresses.format(endpoint)).isEqualTo(formatted);
    assertThat(NumericAddresses.ENDPOINT_ADDRESS.parse(formatted)).isEqualTo(endpoint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "9999",
        ":9999",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:09",
        "::1:9999",
        "[127.0.0.1]:9999",
        "[::1]",
        "localhost:9999",
        "1.2.3:80",
        "010.0.0.1:80",
        "256.0.0.1:80",
        "[::1%lo]:80",
        "[12345::]:80",
        "0x7f.1:80"
      })
  void endpoints_notNumeric_isRefused(String text) {
    assertThatThrownBy(() -> NumericAddresses.ENDPOINT_ADDRESS.parse(text))
        .isInstanceOf(BadValueException.class);
  }

  @Test
  void spelling_oneKeyNear_isSuggested() {
    assertThat(Spelling.suggestion("directry", List.of("directory", "format")))
        .isEqualTo("; did you mean \"directory\"?");
  }

  @Test
  void spelling_nothingOrMoreThanOneNear_isSilent() {
    assertThat(Spelling.suggestion("colour", List.of("directory", "format"))).isEmpty();
    assertThat(Spelling.suggestion("cat", List.of("car", "cab"))).isEmpty();
    assertThat(Spelling.suggestion("xy", List.of("a", "ab"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"'', '', 0", "abc, abc, 0", "abc, abd, 1", "ab, ba, 2", "kitten, sitting, 3"})
  void spelling_distance_isLevenshteins(String a, String b, int distance) {
    assertThat(Spelling.distance(a, b)).isEqualTo(distance);
    assertThat(Spelling.distance(b, a)).isEqualTo(distance);
  }
}
