package org.vmlog.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The terminal that this process belongs to. Thread-safe. */
public final class Terminal {
  private static final Path STATUS = Path.of("/proc/self/stat");

  /**
   * Counted from the field after the command's name, proc(5): state, ppid, pgrp, session, tty_nr.
   */
  private static final int TTY_FIELD = 4;

  private Terminal() {}

  /**
   * Whether there is one that sends this process, and all others of its foreground, SIGINT and
   * SIGHUP.
   */
  public static boolean isControlling() {
    try {
      String status = Files.readString(STATUS, StandardCharsets.ISO_8859_1);
      String[] fields = status.substring(status.lastIndexOf(')') + 2).split(" ", -1);
      return !fields[TTY_FIELD].equals("0");
    } catch (IOException e) {
      return false;
    }
  }
}
