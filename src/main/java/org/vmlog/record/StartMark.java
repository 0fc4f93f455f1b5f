package org.vmlog.record;

/**
 * The line in a VM's log that stands before what a new start of that VM logs, unless nothing stands
 * before it. It is the forwarder's own, which its facility says, and no guest can write one.
 */
public final class StartMark {
  /** No line is a mark without this. */
  public static final String TEXT = "VM started (generation ";

  private StartMark() {}

  /** What the forwarder says of this start. */
  public static String text(long generation) {
    return TEXT + generation + ")";
  }

  /** Whether this line is one. */
  public static boolean is(LineView line) {
    return line.channel() == Channel.FORWARDER && line.body().startsWith(TEXT);
  }
}
