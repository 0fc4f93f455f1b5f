package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.Layout;

class LogDirectoryTest {
  @TempDir Path temp;

  @Test
  void open_freshFolder_marksIt() throws IOException {
    LogDirectory.open(temp.resolve("new/logs"), Layout.PLAIN, temp.resolve(".state"));

    assertThat(temp.resolve("new/logs/.layout")).hasContent("plain\n");
  }

  @Test
  void open_sameLayoutAgain_isFine() throws IOException {
    LogDirectory.open(temp, Layout.CHROMEOS, temp.resolve(".state"));
    LogDirectory.open(temp, Layout.CHROMEOS, temp.resolve(".state"));

    assertThat(temp.resolve(".layout")).hasContent("chromeos\n");
  }

  @Test
  void open_otherLayout_isRefusedSayingBoth() throws IOException {
    LogDirectory.open(temp, Layout.PLAIN, temp.resolve(".state"));

    assertThatThrownBy(() -> LogDirectory.open(temp, Layout.CHROMEOS, temp.resolve(".state")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            temp.resolve(".layout")
                + ": says layout \"plain\"; allowed is the configured \"chromeos\":"
                + " a folder holds one layout");
  }

  @Test
  void open_markerLeftUnfinished_isMadeAgain() throws IOException {
    Files.writeString(temp.resolve(".layout.new"), "pla");

    LogDirectory.open(temp, Layout.CHROMEOS, temp.resolve(".state"));

    assertThat(temp.resolve(".layout")).hasContent("chromeos\n");
    assertThat(temp.resolve(".layout.new")).doesNotExist();
  }

  @Test
  void open_markerIsALink_isRefused() throws IOException {
    Files.createSymbolicLink(temp.resolve(".layout"), temp.resolve("elsewhere"));

    assertThatThrownBy(() -> LogDirectory.open(temp, Layout.PLAIN, temp.resolve(".state")))
        .hasMessageContaining("is a symbolic link");
    assertThat(temp.resolve("elsewhere")).doesNotExist();
  }

  @Test
  void open_fileInTheWay_isRefused() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "x");

    assertThatThrownBy(() -> LogDirectory.open(file, Layout.PLAIN, temp.resolve(".state")))
        .hasMessageContaining(file + ": is a regular file");
  }
}
