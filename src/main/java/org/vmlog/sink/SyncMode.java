package org.vmlog.sink;

/** When a file's lines are forced to the disk, so that they survive a loss of power. */
public enum SyncMode {
  /** The kernel decides; a killed process loses nothing, a dead host some seconds. */
  NEVER,
  /** Within a second of a write, and before a file is let go of. */
  INTERVAL,
  /** After each write, before it is acknowledged. */
  ALWAYS
}
