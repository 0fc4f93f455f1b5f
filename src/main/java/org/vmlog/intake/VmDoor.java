package org.vmlog.intake;

import java.util.OptionalInt;
import org.vmlog.wire.Protocol;

/**
 * A way in that each live VM has for itself. Immutable.
 *
 * @param kind the suffix of its socket's name, {@code grpc} of {@code web-1.grpc}
 * @param hybridPort to which a guest connects by its VMM's hybrid vsock; empty if no guest does
 * @param protocol what is spoken there
 */
public record VmDoor(String kind, OptionalInt hybridPort, Protocol protocol) {
  static final int GRPC_PORT = 9999;
  static final int JOURNAL_PORT = 9998;
  static final int SYSLOG_PORT = 9514;

  /** {@code _9999}, what a VMM appends to its socket's path for a connection to that port. */
  String hybridSuffix() {
    return "_" + hybridPort.getAsInt();
  }
}
