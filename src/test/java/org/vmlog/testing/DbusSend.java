package org.vmlog.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Calls methods by dbus-send(1), as another user. Immutable. */
public record DbusSend(String busAddress, int uid, int gid) {

  /** Whether this machine has what it needs, and this process may be another user. */
  public static boolean isAvailable() throws IOException {
    return ShellCommand.exists("dbus-send")
        && Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  /**
   * Calls a method of an object that is named as its interface and as its owner.
   *
   * @param arguments as dbus-send(1) has them
   * @return everything that it says, of the answer or of the error
   */
  public String call(String name, String member, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=" + uid,
                "--regid=" + gid,
                "--clear-groups",
                "dbus-send",
                "--bus=" + busAddress,
                "--print-reply",
                "--dest=" + name,
                "/" + name.replace('.', '/'),
                name + "." + member));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
