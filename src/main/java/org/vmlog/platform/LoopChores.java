package org.vmlog.platform;

/**
 * What an event loop's thread does besides, between two rounds of the loop. Called only by the
 * thread that has the loop's shift.
 */
public interface LoopChores {
  /** A loop without any. */
  Factory NONE =
      shift ->
          new LoopChores() {
            @Override
            public void run() {}

            @Override
            public void end() {}
          };

  /** Gives a loop its chores. */
  @FunctionalInterface
  interface Factory {
    /** The chores of a loop with this shift. */
    LoopChores on(LoopShift shift);
  }

  /**
   * Does what has come up. Its calls that may hang are announced to the shift; when it returns the
   * loop may have become another thread's, as {@link LoopShift#goesOn} tells.
   */
  void run();

  /** Does what has come up for the last time; nothing more is taken on. */
  void end();
}
