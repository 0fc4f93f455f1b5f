package org.vmlog.doctor;

import java.io.IOException;
import java.nio.file.AccessDeniedException;

/**
 * One thing to look at. Confined to one thread.
 *
 * @param name a word or two that head its line
 */
record Check(String name, Look look) {

  /** Looks; what cannot be looked at is an error of I/O. */
  @FunctionalInterface
  interface Look {
    Finding look() throws IOException;
  }

  Finding run() {
    try {
      return look.look();
    } catch (AccessDeniedException e) {
      return Finding.note("permission denied: " + e.getFile(), "be root to have this looked at");
    } catch (IOException e) {
      return Finding.note("cannot be told: " + e.getMessage(), "look at it by hand");
    }
  }
}
