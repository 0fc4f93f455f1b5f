package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.LogFileName;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.sink.RotatedFiles.Uncompressed;

class RotatedFilesTest {
  @TempDir Path temp;
  private Path path;
  private PrivateFolder folder;

  @BeforeEach
  void openFolder() throws IOException {
    folder = PrivateFolder.open(temp, List.of("logs"));
    path = folder.path();
  }

  @AfterEach
  void closeFolder() {
    folder.close();
  }

  @Test
  void shift_firstTime_makesLog1AndAnEmptyLog() throws IOException {
    plant("x.log", "a");

    rotate(files(3));

    assertThat(content()).isEqualTo(Map.of("x.log", "", "x.log.1", "a"));
  }

  @Test
  void shift_full_dropsTheOldest() throws IOException {
    plant("x.log", "a", "x.log.1", "b", "x.log.2.gz", "c", "x.log.3.gz", "d");

    rotate(files(3));

    assertThat(content())
        .isEqualTo(Map.of("x.log", "", "x.log.1", "a", "x.log.2", "b", "x.log.3.gz", "c"));
  }

  @Test
  void shift_gap_isFilledBeforeAnythingIsDropped() throws IOException {
    plant("x.log", "a", "x.log.1", "b", "x.log.3.gz", "d");

    rotate(files(3));

    assertThat(content())
        .isEqualTo(Map.of("x.log", "", "x.log.1", "a", "x.log.2", "b", "x.log.3.gz", "d"));
  }

  @Test
  void shift_keepOne_keepsOne() throws IOException {
    plant("x.log", "a", "x.log.1", "b");

    rotate(files(1));

    assertThat(content()).isEqualTo(Map.of("x.log", "", "x.log.1", "a"));
  }

  @Test
  void shift_keepNone_dropsTheCurrentFile() throws IOException {
    plant("x.log", "a");

    rotate(files(0));

    assertThat(content()).isEqualTo(Map.of("x.log", ""));
  }

  @Test
  void shift_currentFileTakenAway_shiftsNothing() throws IOException {
    plant("x.log.1", "b");

    rotate(files(3));

    assertThat(content()).isEqualTo(Map.of("x.log", "", "x.log.1", "b"));
  }

  @Test
  void shift_othersFiles_areLeftAlone() throws IOException {
    plant(
        "x.log", "a", "x.log.log", "other", "x.log.1.log", "other", "x.log.10", "d", "xx.log", "o");

    rotate(files(3));

    assertThat(content())
        .containsEntry("x.log.log", "other")
        .containsEntry("x.log.1.log", "other")
        .containsEntry("xx.log", "o");
  }

  @Test
  void shift_newFileGone_putsTheCurrentFileBack() throws IOException {
    plant("x.log", "a", "x.log.1", "b");
    RotatedFiles files = files(3);

    // Without create() the last rename fails, as it may on a full or broken disk.
    assertThatThrownBy(() -> files.shift(folder)).isInstanceOf(IOException.class);
    assertThat(content()).isEqualTo(Map.of("x.log", "a", "x.log.2", "b"));

    rotate(files);
    assertThat(content()).isEqualTo(Map.of("x.log", "", "x.log.1", "a", "x.log.2", "b"));
  }

  @Test
  void heal_leftovers_areRemovedAndThePlainFileTrusted() throws IOException {
    plant("x.log", "a", "x.log.new", "", "x.log.gz.new", "half");
    plant("x.log.2", "whole", "x.log.2.gz", "perhaps half", "x.log.3.gz", "c");

    files(3).heal(folder);

    assertThat(content()).isEqualTo(Map.of("x.log", "a", "x.log.2", "whole", "x.log.3.gz", "c"));
  }

  @Test
  void heal_lessKeptThanBefore_dropsTheRest() throws IOException {
    plant("x.log", "a", "x.log.1", "b", "x.log.2", "c", "x.log.3.gz", "d", "x.log.4.gz", "e");

    files(1).heal(folder);

    assertThat(content()).isEqualTo(Map.of("x.log", "a", "x.log.1", "b"));
  }

  @Test
  void nextUncompressed_fromLog2On_isTheNewest() throws IOException {
    plant("x.log.1", "b", "x.log.2.gz", "c", "x.log.3", "dd", "x.log.4", "e");

    try (Uncompressed next = next(files(5))) {
      assertThat(next.file().size()).isEqualTo(2);
    }
  }

  @Test
  void nextUncompressed_onlyLog1_isNone() throws IOException {
    plant("x.log.1", "b");

    assertThat(files(5).nextUncompressed(folder)).isNull();
  }

  @Test
  void putBeside_shiftedMeanwhile_takesTheNumberItHasNow() throws IOException {
    plant("x.log", "a", "x.log.1", "b", "x.log.2", "c", "x.log.gz.new", "C");
    RotatedFiles files = files(5);

    try (Uncompressed source = next(files)) {
      rotate(files);
      assertThat(files.putBeside(folder, source.identity())).isTrue();
      rotate(files);
      files.removePlain(folder, source.identity());
    }

    assertThat(content())
        .isEqualTo(
            Map.of("x.log", "", "x.log.1", "", "x.log.2", "a", "x.log.3", "b", "x.log.4.gz", "C"));
  }

  @Test
  void putBeside_droppedMeanwhile_dropsTheCompressedOneToo() throws IOException {
    plant("x.log", "a", "x.log.1", "b", "x.log.2", "c", "x.log.gz.new", "C");
    RotatedFiles files = files(2);

    try (Uncompressed source = next(files)) {
      rotate(files);
      assertThat(files.putBeside(folder, source.identity())).isFalse();
    }

    assertThat(content()).isEqualTo(Map.of("x.log", "", "x.log.1", "a", "x.log.2", "b"));
  }

  private RotatedFiles files(int keep) {
    LogFileName name = new LogFileName(List.of("logs"), "x");
    LogState state = new LogState(temp.resolve("state"));
    return new RotatedFiles(name, keep, state, (files, shifted) -> {});
  }

  private Uncompressed next(RotatedFiles files) throws IOException {
    return Objects.requireNonNull(files.nextUncompressed(folder));
  }

  private void rotate(RotatedFiles files) throws IOException {
    files.create(folder).file().close();
    files.shift(folder);
  }

  private void plant(String... namesAndContents) throws IOException {
    for (int i = 0; i < namesAndContents.length; i += 2) {
      Files.writeString(path.resolve(namesAndContents[i]), namesAndContents[i + 1]);
    }
  }

  private Map<String, String> content() throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (var files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        content.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return content;
  }
}
