package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand of each call that makes descriptors, and of those that fail, keep none. */
class LeakTest {
  private static final int CALLS = 1000;

  /** What the process opens of itself meanwhile, such as the files of classes; far from a leak. */
  private static final int OTHERS = 50;

  @TempDir Path folder;

  private interface Call {
    void make() throws Exception;
  }

  @Test
  void pairOfStreams_closed_keepsNone() throws Exception {
    assertKeepsNone(
        () -> {
          StreamSocket.Pair pair = StreamSocket.pair();
          pair.left().close();
          pair.right().close();
        });
    assertKeepsNone(
        () -> {
          StreamSocket.Pair pair = StreamSocket.pair(8192);
          pair.left().close();
          pair.right().close();
        });
  }

  @Test
  void pairOfPacketSockets_closed_keepsNone() throws Exception {
    assertKeepsNone(
        () -> {
          PacketSocket.Pair pair = PacketSocket.pair();
          pair.ours().close();
          pair.theirs().close();
        });
  }

  @Test
  void connect_nobodyIsThere_keepsNone() throws Exception {
    Path nobody = folder.resolve("nobody");
    assertKeepsNone(
        () ->
            assertThatThrownBy(() -> StreamSocket.connect(nobody)).isInstanceOf(IOException.class));
  }

  private static void assertKeepsNone(Call call) throws Exception {
    call.make();
    long before = descriptors();
    for (int i = 0; i < CALLS; i++) {
      call.make();
    }
    assertThat(descriptors()).isLessThan(before + OTHERS);
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }
}
