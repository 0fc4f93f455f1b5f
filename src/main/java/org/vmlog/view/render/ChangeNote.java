package org.vmlog.view.render;

import org.vmlog.logs.LogName;
import org.vmlog.view.FollowSink.Change;

/** The marker between lines that says what has happened to a log as a whole. Stateless. */
public final class ChangeNote {
  private ChangeNote() {}

  /** {@code -- alice/web-1 has stopped --}, on a line of its own. */
  public static String of(LogName log, Change change, boolean coloured) {
    String note = "-- " + log.shown() + " " + change + " --";
    return (coloured ? Ansi.DIM + note + Ansi.RESET : note) + "\n";
  }
}
