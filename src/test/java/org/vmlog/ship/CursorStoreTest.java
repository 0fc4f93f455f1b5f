package org.vmlog.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.logs.LogCursor;

class CursorStoreTest {
  @TempDir Path temp;
  private Path saved;
  private Path synced;
  private CursorStore store;

  @BeforeEach
  void open() {
    saved = temp.resolve("cursors");
    synced = temp.resolve("cursors.synced");
    store = new CursorStore(temp);
  }

  @Test
  void load_nothingWasSaved_none() throws IOException {
    assertThat(store.load()).isEmpty();
  }

  @Test
  void load_saved_theLast() throws IOException {
    store.save(at(10));
    store.sync(true);
    store.save(at(20));
    assertThat(store.load()).isEqualTo(at(20));
  }

  /** What a loss of power leaves of a file that was renamed and not synced. */
  @ParameterizedTest
  @ValueSource(strings = {"", "\0\0\0\0\0\0\0\0", "vmlog-ship cursors 1\nalice/web 0000"})
  void load_damaged_theLastThatWasSynced(String damaged) throws IOException {
    store.save(at(10));
    store.sync(true);
    store.save(at(20));
    Files.writeString(saved, damaged);
    assertThat(store.load()).isEqualTo(at(10));
    assertThat(temp.resolve("cursors.unreadable")).hasContent(damaged);
    assertThat(saved).doesNotExist();
  }

  @Test
  void load_onlyTheSyncedIsThere_that() throws IOException {
    store.save(at(10));
    store.sync(true);
    Files.delete(saved);
    assertThat(store.load()).isEqualTo(at(10));
  }

  @Test
  void load_bothDamaged_noneAndBothAreKept() throws IOException {
    Files.writeString(saved, "a");
    Files.writeString(synced, "b");
    assertThat(store.load()).isEmpty();
    assertThat(temp.resolve("cursors.unreadable")).hasContent("a");
    assertThat(temp.resolve("cursors.synced.unreadable")).hasContent("b");
    assertThat(store.load()).isEmpty();
  }

  @Test
  void load_somethingElseHasTheName_namesIt() throws IOException {
    Files.createDirectory(saved);
    assertThatThrownBy(store::load)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(saved.toString());
  }

  @Test
  void sync_notDue_waits() throws IOException {
    store.save(at(10));
    store.sync(false); // the first is due
    store.save(at(20));
    store.sync(false);
    assertThat(Files.readString(synced)).contains(" 10 ");
    store.sync(true);
    assertThat(Files.readString(synced)).contains(" 20 ");
  }

  private static Map<String, LogCursor> at(long offset) {
    return new TreeMap<>(Map.of("alice/web", new LogCursor(7, offset, 30)));
  }
}
