package org.vmlog.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A terminal of 80 columns and 24 lines with a program in it, by tmux(1), and what is on its
 * screen. Has a server of its own. Confined to one thread.
 */
public final class Tmux implements AutoCloseable {
  private final ShellCommand shell = new ShellCommand().with("TERM", "xterm-256color");
  private final String tmux;

  private Tmux(Path socket) {
    tmux = "tmux -f /dev/null -S " + socket + " ";
  }

  public static boolean isAvailable() {
    return ShellCommand.exists("tmux");
  }

  /** Runs a command in a terminal, which stays when it has ended. */
  public static Tmux run(Path folder, String command) throws IOException {
    Tmux one = new Tmux(folder.resolve("tmux"));
    // tmux takes no long commands, and a class path is long.
    Path script =
        Files.writeString(
            folder.resolve("tmux.sh"),
            "trap : INT; unset NO_COLOR; TZ=UTC; export TZ\n"
                + command
                + "\necho \"exit $?\"; exec sleep 600\n");
    String unused = one.shell.run(one.tmux + "new-session -d -x 80 -y 24 'sh " + script + "'");
    return one;
  }

  /** What is on the screen, without the empty lines at its end. */
  public List<String> screen() throws IOException {
    return shell.run(tmux + "capture-pane -p").stripTrailing().lines().toList();
  }

  /** The same with escape sequences for its colours. */
  public List<String> colouredScreen() throws IOException {
    return shell.run(tmux + "capture-pane -p -e").stripTrailing().lines().toList();
  }

  /** Presses keys, by their names or as text. */
  public void press(String... keys) throws IOException {
    String unused = shell.run(tmux + "send-keys " + String.join(" ", keys));
  }

  /** Gives the terminal another size. */
  public void resize(int columns, int lines) throws IOException {
    String unused = shell.run(tmux + "resize-window -x " + columns + " -y " + lines);
  }

  /** What stty(1) says of the terminal. */
  public String settings() throws IOException {
    String device = shell.run(tmux + "display-message -p '#{pane_tty}'").strip();
    return shell.run("stty -a <" + device).replace('\n', ' ').replace(';', ' ') + " ";
  }

  public boolean isCursorShown() throws IOException {
    return shell.run(tmux + "display-message -p '#{cursor_flag}'").strip().equals("1");
  }

  /** Sends a signal to the program in the foreground, and not to the shell that waits for it. */
  public void signal(String name) throws IOException {
    String shellPid = shell.run(tmux + "display-message -p '#{pane_pid}'").strip();
    String unused = shell.run("pkill -" + name + " -P " + shellPid);
  }

  @Override
  public void close() throws IOException {
    String unused = shell.run(tmux + "kill-server");
  }
}
