package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of docs/security.md that says what a peer can make us hold. */
class MemoryTableTest {
  private static final long MIB = 1 << 20;
  private static final long PIPES_TOTAL = 24 * MIB;
  private static final Pattern ROW = Pattern.compile("\\| (heap|direct) \\| (\\d+) MiB[^|]*\\|");

  private final String document;
  private final String launcher;

  MemoryTableTest() throws IOException {
    document = Files.readString(Path.of("docs/security.md"));
    launcher = Files.readString(Path.of("packaging/bin/vmlog-forwarder"));
  }

  @Test
  void rows_ofPipes_areWhatTheCodeAllows() throws IOException {
    assertThat(Files.readString(Path.of("docs/configuration.md")))
        .contains("| `limits.pipes_total` | `\"24MiB\"` |");
    long segments = PIPES_TOTAL / PipeMemory.SEGMENT_BYTES;
    assertThat(segments * Backlog.ENTRIES_PER_SEGMENT * Backlog.ENTRY_BYTES).isLessThan(6 * MIB);
    assertThat(Backlog.ENTRIES_PER_SEGMENT).isEqualTo(16);
    assertThat(Backlog.FEW_ENTRIES * Backlog.ENTRY_BYTES).isLessThanOrEqualTo(16 << 10);
    assertThat(segments / PipeMemory.GUARANTEED_SEGMENTS).isEqualTo(768);
    assertThat(document)
        .contains("| heap | 6 MiB: 16 of 250 bytes for each segment of `limits.pipes_total`;")
        .contains("| direct | 24 MiB, `limits.pipes_total`; beyond 768 live VMs 32 KiB of each |");
  }

  @Test
  void sums_fitWhatTheLauncherGives() {
    long heap = option("-Xmx");
    long direct = option("-XX:MaxDirectMemorySize=");
    assertThat(document)
        .contains("The heap is %d MiB (`-Xmx`), direct\nmemory %d MiB".formatted(heap, direct))
        .contains("| heap | %d MiB | `RequestMemory` |".formatted(heap / 4));
    assertThat(sum("heap") + 12).isLessThanOrEqualTo(heap * 2 / 3); // a third for the collector
    assertThat(sum("direct")).isLessThanOrEqualTo(direct * 2 / 3);
  }

  private long sum(String memory) {
    List<MatchResult> rows =
        ROW.matcher(document).results().filter(row -> row.group(1).equals(memory)).toList();
    assertThat(rows).hasSizeGreaterThan(1);
    return rows.stream().mapToLong(row -> Long.parseLong(row.group(2))).sum();
  }

  private long option(String name) {
    Matcher found = Pattern.compile(Pattern.quote(name) + "(\\d+)m").matcher(launcher);
    assertThat(found.find()).isTrue();
    return Long.parseLong(found.group(1));
  }
}
