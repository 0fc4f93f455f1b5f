package org.vmlog.platform;

import java.io.IOException;
import java.util.List;

/**
 * Passes the signals that this process gets on to the command that it runs, which is to end before
 * it does.
 *
 * <p>Thread-safe. The signals come on threads of their own.
 */
public final class ForwardedSignals {
  private static final List<String> SIGNALS = List.of("TERM", "INT", "HUP");

  private ForwardedSignals() {}

  /**
   * Passes SIGTERM, SIGINT and SIGHUP on from now on.
   *
   * @param whenGone is run for a signal that comes after the command's end
   */
  public static void to(Process command, Runnable whenGone) {
    for (String signal : SIGNALS) {
      ProcessSignals.on(signal, () -> forward(signal, command, whenGone));
    }
  }

  private static void forward(String signal, Process command, Runnable whenGone) {
    if (!command.isAlive()) {
      whenGone.run();
    } else if (!signal.equals("INT") || !Terminal.isControlling()) {
      // A terminal has sent its SIGINT to the command already.
      try {
        Process unused =
            new ProcessBuilder("kill", "-" + signal, Long.toString(command.pid())).start();
      } catch (IOException e) {
        command.destroy(); // SIGTERM is the one that Java can send by itself
      }
    }
  }
}
