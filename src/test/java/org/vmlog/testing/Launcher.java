package org.vmlog.testing;

import static org.vmlog.testing.PythonPeer.quoted;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;

/**
 * A launcher of VMs in Python, which speaks D-Bus by GLib's implementation: a process of its own,
 * perhaps another user's, with sockets of its own. Confined to one thread.
 */
public final class Launcher implements AutoCloseable {
  private static final Path PROGRAM = Path.of("src/test/python/launcher.py");

  private final PythonPeer peer;
  private final String uniqueName;

  private Launcher(List<String> prefix, String address) throws IOException {
    peer = new PythonPeer(prefix, PROGRAM, address);
    uniqueName = peer.answer().substring("ok ".length());
  }

  /** Whether this machine has what it needs. */
  public static boolean isAvailable() {
    return PythonPeer.isAvailable();
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
        peer.ask(
            "{\"make\": %s, \"name\": %s, \"path\": %s}"
                .formatted(quoted(kind), quoted(name), quoted(path)));
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
    return peer.ask("{\"call\": \"RegisterVm\", \"vm\": " + dictionary(vm) + "}");
  }

  /** The same, with a descriptor that no key names. */
  public String registerWithExtra(String extra, String... vm) throws IOException {
    return peer.ask(
        "{\"call\": \"RegisterVm\", \"vm\": %s, \"extra\": [%s]}"
            .formatted(dictionary(vm), quoted(extra)));
  }

  /** Calls a method whose arguments are strings. */
  public String call(String member, String... arguments) throws IOException {
    StringJoiner joined = new StringJoiner(", ", "[", "]");
    for (String argument : arguments) {
      joined.add(quoted(argument));
    }
    return peer.ask("{\"call\": %s, \"args\": %s}".formatted(quoted(member), joined));
  }

  /** Hears of a signal from now on. */
  public void listen(String signal) throws IOException {
    String unused = peer.ask("{\"listen\": " + quoted(signal) + "}");
    // The bus answers in order, so that it has the match when it has answered this.
    String alsoUnused = call("ListVms");
  }

  /** Waits for the next signal that it listens for, and answers {@code ok} and its values. */
  public String next(String signal) throws IOException {
    return peer.ask("{\"next\": " + quoted(signal) + "}");
  }

  private static String dictionary(String... vm) {
    StringJoiner keys = new StringJoiner(", ", "{", "}");
    for (int i = 0; i < vm.length; i += 3) {
      String value = vm[i + 1].matches("[sh]") ? quoted(vm[i + 2]) : vm[i + 2];
      keys.add("%s: [%s, %s]".formatted(quoted(vm[i]), quoted(vm[i + 1]), value));
    }
    return keys.toString();
  }

  /** Ends it as a crash would: the bus sees its connection close, and nothing before. */
  @Override
  public void close() {
    peer.close();
  }
}
