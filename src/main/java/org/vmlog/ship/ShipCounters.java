package org.vmlog.ship;

/** What has been shipped since the start, and what was in the way. Confined to one thread. */
final class ShipCounters {
  long records;
  long bytes;
  long shipments;
  long retries;
  long tooLarge;
  long rejected;

  /** In shipments that were acknowledged all the same, as the engine counts them. */
  long rejectedWithin;

  long gaps;
  long gapBytes;
  long acknowledgedMillis;

  void acknowledged(Shipment shipment) {
    shipments++;
    acknowledgedMillis = System.currentTimeMillis();
    if (shipment instanceof Batch batch) {
      records += batch.count();
      bytes += batch.length();
    } else if (shipment instanceof Gap gap) {
      gaps++;
      gapBytes += gap.bytes();
    }
  }

  /** It is passed, since it will never arrive. */
  void rejected(Shipment shipment) {
    rejected += shipment instanceof Batch batch ? batch.count() : 1;
  }
}
