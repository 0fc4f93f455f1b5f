package org.vmlog.ship;

/** What has been shipped since the start, and what was in the way. Confined to one thread. */
final class ShipCounters {
  private long records;
  private long bytes;
  private long shipments;
  private long retries;
  private long tooLarge;
  private long gaps;
  private long gapBytes;

  void acknowledged(Shipment shipment) {
    shipments++;
    if (shipment instanceof Batch batch) {
      records += batch.count();
      bytes += batch.length();
    } else if (shipment instanceof Gap gap) {
      gaps++;
      gapBytes += gap.bytes();
    }
  }

  void retried() {
    retries++;
  }

  void tooLarge() {
    tooLarge++;
  }

  /** So much stands acknowledged. */
  long records() {
    return records;
  }

  /** As the lines of a status file. */
  void describe(StatusText status) {
    status.put("records", records);
    status.put("bytes", bytes);
    status.put("shipments", shipments);
    status.put("retries", retries);
    status.put("too_large", tooLarge);
    status.put("gaps", gaps);
    status.put("gap_bytes", gapBytes);
  }
}
