package org.vmlog.ship;

/** What an engine takes and acknowledges as a whole. */
public sealed interface Shipment permits Batch, Gap {
  LogSource source();

  /** The id of the file that it is of. */
  long file();
}
