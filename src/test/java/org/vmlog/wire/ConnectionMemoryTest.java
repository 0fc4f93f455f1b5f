package org.vmlog.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ConnectionMemoryTest {
  private static final long MIB = 1 << 20;

  @Test
  void connections_lessHeapOrLessDirectMemory_areFewer() {
    assertThat(ConnectionMemory.connections(64 * MIB, 1024 * MIB)).isEqualTo(1024);
    assertThat(ConnectionMemory.connections(1024 * MIB, 64 * MIB)).isEqualTo(1024);
    assertThat(ConnectionMemory.connections(32 * MIB, 64 * MIB)).isEqualTo(512);
    assertThat(ConnectionMemory.connections(512 * MIB, 1280 * MIB)).isEqualTo(8192);
  }

  /** What the launcher gives the JVM is as much of the one as of the other. */
  @Test
  void connections_withTheLaunchersFlags_areAThousand() throws IOException {
    String launcher = Files.readString(Path.of("packaging/bin/vmlog-forwarder"));
    assertThat(
            ConnectionMemory.connections(
                mebibytes(launcher, "-Xmx"), mebibytes(launcher, "-XX:MaxDirectMemorySize=")))
        .isEqualTo(1024);
  }

  /** The table of docs/security.md, with what the launcher gives. */
  @Test
  void connections_withTheLaunchersFlags_areThoseOfTheTable() throws IOException {
    assertThat(Files.readString(Path.of("docs/security.md")))
        .contains("| heap | 16 MiB: 1024 of 16 KiB |", "| direct | 16 MiB: 1024 of 16 KiB |");
    assertThat(ConnectionMemory.HEAP_BYTES).isEqualTo(16 << 10);
    assertThat(ConnectionMemory.UNREAD_BYTES).isEqualTo(16 << 10);
  }

  private static long mebibytes(String launcher, String flag) {
    return Pattern.compile(Pattern.quote(flag) + "(\\d+)m")
        .matcher(launcher)
        .results()
        .mapToLong(found -> Long.parseLong(found.group(1)) * MIB)
        .findFirst()
        .orElseThrow();
  }
}
