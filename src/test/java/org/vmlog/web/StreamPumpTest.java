package org.vmlog.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.view.query.LineFilter;
import org.vmlog.view.query.SeverityRange;
import org.vmlog.view.query.TextMatch;

class StreamPumpTest {
  @TempDir Path folder;

  @Test
  void run_whenThePageHasLeft_endsItsSearch() throws Exception {
    writeMoreThanCanBeReadInADay();
    LineFilter filter =
        new LineFilter(
            SeverityRange.ALL,
            Optional.empty(),
            Optional.empty(),
            Set.of(),
            Set.of(),
            Optional.of(TextMatch.regex("[0-9]{40}", false)),
            false);
    WebLogs logs =
        new WebLogs(
            folder,
            log -> true,
            10,
            folder,
            ZoneOffset.UTC,
            InstantSource.system(),
            (path, cause) -> {});
    List<Thread> threads = new ArrayList<>();
    StreamPump pump =
        new StreamPump(logs, new StreamQuery(filter, Set.of(), Optional.empty()), new Left());

    assertThatThrownBy(
            () ->
                pump.run(
                    task -> {
                      threads.add(new Thread(task));
                      return threads.get(0);
                    }))
        .hasMessage("Broken pipe");

    Await.until("the search has ended", () -> !threads.get(0).isAlive());
  }

  /** Some gigabytes of lines in each of many members. */
  private void writeMoreThanCanBeReadInADay() throws IOException {
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(member)) {
      byte[] lines =
          "<14>Nov 21 11:00:00 web-1 app: nothing of interest\n".repeat(2000).getBytes(UTF_8);
      for (int i = 0; i < 200; i++) {
        gzip.write(lines);
      }
    }
    Path log = Files.createDirectories(folder.resolve("alice")).resolve("web-1.log.1.gz");
    try (OutputStream out = Files.newOutputStream(log)) {
      for (int i = 0; i < 1000; i++) {
        member.writeTo(out);
      }
    }
  }

  /** A page that has left when something is written to it. */
  private static final class Left extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      throw new IOException("Broken pipe");
    }
  }
}
