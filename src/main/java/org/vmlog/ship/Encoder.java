package org.vmlog.ship;

import java.util.List;

/** How shipments look to whoever reads them. Confined to one thread. */
public interface Encoder {
  /** The messages of a shipment, in the order of its lines; at least one. */
  List<byte[]> encode(Shipment shipment);
}
