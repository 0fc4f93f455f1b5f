package org.vmlog.view;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes wrong on a reader's thread reaches whoever waits for its lines. */
@Timeout(60)
class PrefetchTest {
  private final ExecutorService readers = Executors.newSingleThreadExecutor();

  @AfterEach
  void end() {
    readers.shutdownNow();
  }

  @Test
  void next_afterAnErrorOfTheReader_isThatError() {
    StackOverflowError error = new StackOverflowError();
    assertThatThrownBy(next(error)).isSameAs(error);
  }

  @Test
  void next_afterAFailureOfTheReader_isThatFailure() {
    IOException failure = new AccessDeniedException("file");
    assertThatThrownBy(next(failure)).isSameAs(failure);
    assertThatThrownBy(next(new NoClassDefFoundError("gone")))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot be searched: java.lang.NoClassDefFoundError: gone");
  }

  private org.assertj.core.api.ThrowableAssert.ThrowingCallable next(Throwable thrown) {
    LineStream stream =
        new LineStream() {
          @Override
          public LogLine next() throws IOException {
            if (thrown instanceof Error error) {
              throw error;
            }
            throw (IOException) thrown;
          }

          @Override
          public void close() {}
        };
    return () -> Prefetch.start(stream, readers).next();
  }
}
