package org.vmlog.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsPageTest {
  @Test
  void page_ofEachKindOfLine_isItsSamples() {
    MetricsPage page =
        MetricsPage.parse(
            """
            # HELP up Whether it is.
            # TYPE up gauge
            up 1

            a_total{kind="vm",name="web \\"1\\" \\\\ \\n}",owner=""} 12.5 1700000000
            a_total{kind="user"} 3e4
            b_bucket{le="+Inf"} +Inf
            """);
    assertThat(page.one("up")).hasValue(1);
    assertThat(page.one("down")).isEmpty();
    assertThat(page.all("a_total"))
        .isEqualTo(
            List.of(
                new Sample(
                    "a_total", Map.of("kind", "vm", "name", "web \"1\" \\ \n}", "owner", ""), 12.5),
                new Sample("a_total", Map.of("kind", "user"), 30000)));
    assertThat(page.all("a_total").get(1).label("name")).isEmpty();
    assertThat(page.one("b_bucket")).hasValue(Double.POSITIVE_INFINITY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"up", "up{", "up{a} 1", "up{a=\"b} 1", "up{a=\"b\"}1", "up one", " 1"})
  void page_inAnotherFormat_isRefusedWithItsLine(String line) {
    assertThatThrownBy(() -> MetricsPage.parse(line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("metrics: \"" + line + "\", at ");
  }
}
