package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vmlog.testing.Await;
import org.vmlog.testing.ProcessThread;

@Timeout(60)
class SelectorLoopTest {
  private static final String NAME = "signalled-loop";

  @Test
  void signals_whileItWaits_leaveItRunning() throws Exception {
    CompletableFuture<Thread> runs = new CompletableFuture<>();
    try (SelectorLoop loop = SelectorLoop.start(task -> new Thread(task, NAME), () -> {})) {
      CompletableFuture<Void> begun = new CompletableFuture<>();
      loop.execute(() -> begun.complete(null));
      Await.value(begun); // and so it has its name
      ProcessThread.named(ProcessHandle.current().pid(), NAME).interruptPolls();

      loop.execute(() -> runs.complete(Thread.currentThread()));

      assertThat(Await.value(runs).getName()).isEqualTo(NAME);
    }
  }
}
