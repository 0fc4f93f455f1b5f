package org.vmlog.testing;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A peer on D-Bus in Python, by GLib's implementation, which is told what to do line by line and
 * answers each. Confined to one thread.
 */
final class PythonPeer implements AutoCloseable {
  /** Debian's own, whatever else is first on the path. */
  private static final String PYTHON = "/usr/bin/python3";

  private final Process process;
  private final BufferedWriter requests;
  private final BufferedReader answers;

  /**
   * Starts one.
   *
   * @param prefix of the command, such as what makes it another user's
   */
  PythonPeer(List<String> prefix, Path program, String address) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    // Another user may not be able to read the file.
    command.addAll(List.of(PYTHON, "-c", Files.readString(program), address));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    requests =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Whether this machine has Debian's python3 and python3-gi. */
  static boolean isAvailable() {
    return Files.exists(Path.of("/usr/lib/python3/dist-packages/gi/__init__.py"));
  }

  /** Has it do something and answers what it says. */
  String ask(String request) throws IOException {
    requests.write(request + "\n");
    requests.flush();
    return answer();
  }

  /** The next line that it says. */
  String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the peer has ended; what it said is on stderr");
    }
    return line;
  }

  /** A JSON string, or null. */
  static String quoted(String text) {
    if (text == null) {
      return "null";
    }
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\' || c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  /** Ends it as a crash would: the bus sees its connection close, and nothing before. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
