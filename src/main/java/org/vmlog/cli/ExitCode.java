package org.vmlog.cli;

import java.io.IOException;
import java.net.BindException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.vmlog.guest.BufferHeldException;
import org.vmlog.platform.FolderLock;

/** The exit codes of all programs, by sysexits(3). */
final class ExitCode {
  static final int OK = 0;
  static final int USAGE = 64;
  static final int NO_INPUT = 66;
  static final int UNAVAILABLE = 69;
  static final int SOFTWARE = 70;
  static final int IO = 74;
  static final int NO_PERMISSION = 77;
  static final int CONFIG = 78;

  /** By which a shell says why a command did not run. */
  private static final int CANNOT_RUN = 126;

  private static final int NO_SUCH_COMMAND = 127;

  private ExitCode() {}

  /** The code for what kept a daemon from starting. */
  static int of(IOException e) {
    if (e instanceof BindException
        || e instanceof FolderLock.HeldException
        || e instanceof BufferHeldException) {
      return UNAVAILABLE;
    }
    return isPermission(e) ? NO_PERMISSION : IO;
  }

  /**
   * The code for what kept a command from starting: a shell's, not of sysexits(3). Java has no type
   * for ENOENT there, so it is looked for as execvp(3) does.
   *
   * @param path {@code $PATH}
   */
  static int ofCommand(String command, String path) {
    Stream<Path> places =
        command.contains("/")
            ? Stream.of(Path.of(command))
            : Stream.of(path.split(":", -1)).map(folder -> Path.of(folder, command));
    return places.anyMatch(Files::exists) ? CANNOT_RUN : NO_SUCH_COMMAND;
  }

  /** One line that says what happened and what to do about it. */
  static String explain(IOException e) {
    String what =
        e instanceof FileSystemException file && file.getReason() == null
            ? file.getFile() + ": " + (isPermission(e) ? "permission denied" : e)
            : String.valueOf(e.getMessage());
    if (e instanceof BindException) {
      return what + "; stop whoever listens there, or configure another address";
    }
    return isPermission(e)
        ? what + "; run as the user who owns it, or give this user access"
        : what;
  }

  private static boolean isPermission(IOException e) {
    return e instanceof AccessDeniedException;
  }
}
