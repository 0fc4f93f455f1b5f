package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StreamSocketTest {
  @TempDir Path folder;

  @Test
  void pair_closedAndCollected_shutsNothingDown() throws IOException {
    StreamSocket.Pair pair = StreamSocket.pair();
    Descriptor duplicate = pair.left().duplicate();
    pair.left().close();
    System.gc(); // what junixsocket made the pair of is garbage by now

    StreamSocketFixture.write(duplicate, "hello");
    duplicate.close();
    assertThat(StreamSocketFixture.readToEnd(pair.right())).isEqualTo("hello");
  }

  @Test
  void connect_nobodyListens_namesThePath() {
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(() -> StreamSocket.connect(nowhere))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot connect to " + nowhere + ": ");
  }
}
