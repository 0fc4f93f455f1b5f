package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatisticsTableTest {
  private final Set<Object> there = new HashSet<>();
  private final StatisticsTable table =
      new StatisticsTable(InstantSource.system(), there::contains);

  @Test
  void of_oneSource_isAlwaysTheSame() {
    assertThat(table.of("web")).isSameAs(table.of("web")).isNotSameAs(table.of("db"));
  }

  @Test
  void of_moreThanAreKept_forgetsTheOneThatWasOpenedLongestAgo() {
    SourceStatistics first = table.of(0);
    for (int i = 1; i < StatisticsTable.MAX_GONE; i++) {
      table.of(i);
    }
    assertThat(table.of(0)).as("the last one kept").isSameAs(first);
    table.of("one more");
    assertThat(table.snapshot()).hasSize(StatisticsTable.MAX_GONE).containsKey(0);
    assertThat(table.snapshot()).doesNotContainKey(1).containsKey(2);
  }

  @Test
  void of_moreThanAreKept_forgetsNoneThatIsThere() {
    for (int i = 0; i < 2000; i++) {
      there.add(i);
      table.of(i);
    }
    assertThat(table.snapshot()).hasSize(2000);
    for (int i = 0; i < 1000; i++) {
      there.remove(i);
    }
    table.of("one more");
    assertThat(table.snapshot()).hasSize(1000 + StatisticsTable.MAX_GONE).containsKey(1999);
    assertThat(table.snapshot()).doesNotContainKey(0).containsKey("one more");
  }
}
