package org.vmlog.intake;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.vmlog.testing.Await;
import org.vmlog.wire.Reply;

/** Remembers its answer, and how often there was one. Thread-safe. */
final class RecordingReply implements Reply {
  private final CompletableFuture<String> answer = new CompletableFuture<>();
  private final AtomicInteger answers = new AtomicInteger();

  @Override
  public void ok() {
    answers.incrementAndGet();
    answer.complete("OK");
  }

  @Override
  public void refuse(Refusal refusal, String reason) {
    answers.incrementAndGet();
    answer.complete(refusal + ": " + reason);
  }

  /** Waits for it. */
  String await() {
    return Await.value(answer);
  }

  boolean isAnswered() {
    return answer.isDone();
  }

  int answers() {
    return answers.get();
  }
}
