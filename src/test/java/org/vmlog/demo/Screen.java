package org.vmlog.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Stdout, with a little emphasis when that is a terminal. Confined to one thread. */
final class Screen {
  private static final String BOLD = "\033[1m";
  private static final String FAINT = "\033[2m";
  private static final String PLAIN = "\033[0m";

  private final PrintStream out =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
  private final boolean emphasis = isTerminal() && System.getenv("NO_COLOR") == null;
  private String heading = "";

  private static boolean isTerminal() {
    try {
      Path stdout = Files.readSymbolicLink(Path.of("/proc/self/fd/1"));
      return stdout.startsWith("/dev/pts") || stdout.toString().startsWith("/dev/tty");
    } catch (IOException e) {
      return false; // it was closed
    }
  }

  void say(String format, Object... arguments) {
    out.println(format.formatted(arguments));
  }

  /** Begins a part of the demo. */
  void title(String text) {
    out.println();
    out.println(in(BOLD, text));
    heading = "";
  }

  /** Shows what came to stand in a file as {@code tail -f} of several files does. */
  void tail(String file, List<String> lines) {
    if (!heading.equals(file)) {
      out.println();
      out.println(in(FAINT, "==> " + file + " <=="));
      heading = file;
    }
    lines.forEach(out::println);
  }

  /** Shows what was sent above what came of it. */
  void exhibit(String what, String sent, String label, String outcome) {
    out.println();
    out.println("  " + what);
    out.println(in(FAINT, "    %-8s ".formatted("sent")) + sent);
    out.println(in(FAINT, "    %-8s ".formatted(label)) + outcome);
    heading = "";
  }

  private String in(String style, String text) {
    return emphasis ? style + text + PLAIN : text;
  }
}
