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
    assertThat(came)
        .filteredOn(id -> seen.isNew(0, id))
        .containsExactly(came.get(0), came.get(1), came.get(4));
  }

  @Test
  void isNew_otherFilesAndGaps_areOthers() {
    List<String> came =
        List.of("h/a/web/1@9", "h/a/web/2@0", "h/a/db/1@0", "h/a/web/1@9-20", "h/a/web/1@9-30");
    assertThat(came).allMatch(id -> seen.isNew(0, id));
    assertThat(came).noneMatch(id -> seen.isNew(0, id));
    assertThat(seen.isNew(0, "")).isTrue();
    assertThat(seen.isNew(0, "")).isTrue();
  }

  /** After partitions were added, what is newer may be read first. */
  @Test
  void isNew_olderOnesOfAnotherPartition_areNew() {
    assertThat(seen.isNew(1, "h/a/web/1@90")).isTrue();
    assertThat(seen.isNew(0, "h/a/web/1@10")).isTrue();
    assertThat(seen.isNew(0, "h/a/web/1@10")).isFalse();
    assertThat(seen.isNew(1, "h/a/web/1@80")).isFalse();
  }

  /** All have the offset of their line. */
  @Test
  void isNew_piecesOfALine_eachOnce() {
    for (String piece : List.of("h/a/web/1@9#1/2", "h/a/web/1@9#2/2")) {
      assertThat(seen.isNew(0, piece)).isTrue();
      assertThat(seen.isNew(0, piece)).isFalse();
    }
  }

  @Test
  void isNew_moreFilesThanAreRemembered_forgetsTheLeastRecent() {
    for (int i = 0; i < 1000; i++) {
      assertThat(seen.isNew(0, "h/a/web/" + i + "@5")).isTrue();
    }
    assertThat(seen.isNew(0, "h/a/web/999@5")).isFalse();
    assertThat(seen.isNew(0, "h/a/web/0@5")).isTrue();
  }
}
