package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupsTest {
  @TempDir Path folder;

  @Test
  void idOf_groupOfThisHost_isItsNumber() throws IOException {
    assertThat(Groups.idOf("root")).hasValue(0);
    assertThat(Groups.idOf("no-such-group")).isEmpty();
  }

  @Test
  void idOf_linesThatAreNoGroups_areNobodys() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("group"),
            "# comment\n\n+\nshort:x\nbad:x:many:\nvmlog:x:4294967294:alice\nvmlog2:x:7:vmlog\n");

    assertThat(Groups.idOf("bad", file)).isEmpty();
    assertThat(Groups.idOf("short", file)).isEmpty();
    assertThat(Groups.idOf("vmlog", file)).isEqualTo(OptionalInt.of(-2));
    assertThat(Groups.idOf("vmlog2", file)).hasValue(7);
  }
}
