package org.vmlog.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SeenRecordsTest {
  private final SeenRecords seen = new SeenRecords(10);

  @Test
  void isNew_shippedAgainFromACursor_onlyWhatComesFirst() {
    List<String> came =
        List.of("h/a/web/1@0", "h/a/web/1@9", "h/a/web/1@0", "h/a/web/1@9", "h/a/web/1@20");
    assertThat(came).filteredOn(seen::isNew).containsExactly(came.get(0), came.get(1), came.get(4));
  }

  @Test
  void isNew_otherFilesAndGaps_areOthers() {
    List<String> came =
        List.of("h/a/web/1@9", "h/a/web/2@0", "h/a/db/1@0", "h/a/web/1@9-20", "h/a/web/1@9-30");
    assertThat(came).allMatch(seen::isNew);
    assertThat(came).noneMatch(seen::isNew);
    assertThat(seen.isNew("")).isTrue();
    assertThat(seen.isNew("")).isTrue();
  }

  @Test
  void isNew_moreFilesThanAreRemembered_forgetsTheLeastRecent() {
    for (int i = 0; i < 1000; i++) {
      assertThat(seen.isNew("h/a/web/" + i + "@5")).isTrue();
    }
    assertThat(seen.isNew("h/a/web/999@5")).isFalse();
    assertThat(seen.isNew("h/a/web/0@5")).isTrue();
  }
}
