package org.vmlog.realm.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputReaderTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "\u00e9", "\u20ac", "\ud83d\ude00"})
  void readToEnd_aLineThatIsTooLong_isCutBetweenCharacters(String character) throws Exception {
    int bytes = character.getBytes(UTF_8).length;
    for (int shift = 0; shift < bytes; shift++) {
      String line =
          "x".repeat(OutputReader.MAX_LINE_BYTES - bytes + shift) + character + "y".repeat(9);
      List<String> parts = read(line + "\nlast");
      assertThat(parts).hasSize(3);
      assertThat(parts.get(0) + parts.get(1)).isEqualTo(line);
      assertThat(parts.get(0)).doesNotContain("\uFFFD");
      assertThat(parts.get(2)).isEqualTo("last");
    }
  }

  private static List<String> read(String output) throws InterruptedException {
    OutputQueue queue = new OutputQueue();
    new OutputReader(
            new ByteArrayInputStream(output.getBytes(UTF_8)),
            6,
            true,
            queue,
            InstantSource.system())
        .readToEnd();
    return queue.drain().stream().map(line -> line.content().toStringUtf8()).toList();
  }
}
