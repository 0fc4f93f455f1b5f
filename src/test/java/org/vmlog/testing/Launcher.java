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
import java.util.StringJoiner;

/**
 * A launcher of VMs in Python, which speaks D-Bus by GLib's implementation: a process of its own,
 * perhaps another user's, with sockets of its own. Confined to one thread.
 */
public final class Launcher implements AutoCloseable {
  /** Debian's own, whatever else is first on the path. */
  private static final String PYTHON = "/usr/bin/python3";

  private static final Path PROGRAM = Path.of("src/test/python/launcher.py");

  private final Process process;
  private final BufferedWriter requests;
  private final BufferedReader answers;
  private final String uniqueName;

  private Launcher(List<String> prefix, String address) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    // Another user may not be able to read the file.
    command.addAll(List.of(PYTHON, "-c", Files.readString(PROGRAM), address));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    requests =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    uniqueName = answer().substring("ok ".length());
  }

  /** Whether this machine has Debian's python3 and python3-gi. */
  public static boolean isAvailable() {
    return Files.exists(Path.of("/usr/lib/python3/dist-packages/gi/__init__.py"));
  }

  /** A launcher of this user's, connected to a bus. */
  public static Launcher on(String address) throws IOException {
    return new Launcher(List.of(), address);
  }

  /** A launcher of another user's, of these groups and no other; only root can make one. */
  public static Launcher on(String address, int uid, String groups) throws IOException {
    return new Launcher(
        List.of("setpriv", "--reuid=" + uid, "--regid=" + uid, "--groups=" + groups), address);
  }

  /** What the bus calls it. */
  public String uniqueName() {
    return uniqueName;
  }

  /**
   * Makes a socket and keeps it under a name.
   *
   * @param kind {@code dgram}, {@code pair} (of it), {@code stream}, {@code listen}, {@code
   *     packets}, {@code tcp} or {@code file}
   * @param path where it is bound, if it is; {@code @} begins an abstract one
   */
  public void make(String kind, String name, String path) throws IOException {
    String answer =
        ask("{\"make\": %s, \"name\": %s, \"path\": %s}".formatted(q(kind), q(name), q(path)));
    if (!answer.equals("ok")) {
      throw new IOException(answer);
    }
  }

  /**
   * Calls RegisterVm.
   *
   * @param vm keys, each with its type and its value; of a descriptor, a made socket's name
   * @return {@code ok} and what was answered, or the error's name and its message
   */
  public String register(String... vm) throws IOException {
    return ask("{\"call\": \"RegisterVm\", \"vm\": " + dictionary(vm) + "}");
  }

  /** The same, with a descriptor that no key names. */
  public String registerWithExtra(String extra, String... vm) throws IOException {
    return ask(
        "{\"call\": \"RegisterVm\", \"vm\": %s, \"extra\": [%s]}"
            .formatted(dictionary(vm), q(extra)));
  }

  /** Calls a method whose arguments are strings. */
  public String call(String member, String... arguments) throws IOException {
    StringJoiner joined = new StringJoiner(", ", "[", "]");
    for (String argument : arguments) {
      joined.add(q(argument));
    }
    return ask("{\"call\": %s, \"args\": %s}".formatted(q(member), joined));
  }

  /** Hears of a signal from now on. */
  public void listen(String signal) throws IOException {
    String unused = ask("{\"listen\": " + q(signal) + "}");
    // The bus answers in order, so that it has the match when it has answered this.
    String alsoUnused = call("ListVms");
  }

  /** Waits for the next signal that it listens for, and answers {@code ok} and its values. */
  public String next(String signal) throws IOException {
    return ask("{\"next\": " + q(signal) + "}");
  }

  private static String dictionary(String... vm) {
    StringJoiner keys = new StringJoiner(", ", "{", "}");
    for (int i = 0; i < vm.length; i += 3) {
      String value = vm[i + 1].matches("[sh]") ? q(vm[i + 2]) : vm[i + 2];
      keys.add("%s: [%s, %s]".formatted(q(vm[i]), q(vm[i + 1]), value));
    }
    return keys.toString();
  }

  /** A JSON string. */
  private static String q(String text) {
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

  private String ask(String request) throws IOException {
    requests.write(request + "\n");
    requests.flush();
    return answer();
  }

  private String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the launcher has ended; what it said is on stderr");
    }
    return line;
  }

  /** Ends it as a crash would: the bus sees its connection close, and nothing before. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
