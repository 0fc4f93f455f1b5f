package org.vmlog.ship;

/** What became of a shipment. */
public enum Outcome {
  /** It is where it should be, and will stay there as long as the engine keeps its promises. */
  ACKNOWLEDGED,
  /** It may or may not have arrived, and is to be sent again. */
  RETRY,
  /** The engine takes nothing as large, now or later. */
  TOO_LARGE,
  /** The engine says that it will never take this, or something in it. */
  REJECTED
}
