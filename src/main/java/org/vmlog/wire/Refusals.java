package org.vmlog.wire;

import io.grpc.Status;
import org.vmlog.wire.Reply.Refusal;

/** Refusals as gRPC's statuses. Thread-safe. */
final class Refusals {
  private Refusals() {}

  static Status status(Refusal refusal) {
    return switch (refusal) {
      case MALFORMED -> Status.INVALID_ARGUMENT;
      case UNAVAILABLE -> Status.UNAVAILABLE;
      case DENIED -> Status.PERMISSION_DENIED;
      case TOO_LARGE -> Status.RESOURCE_EXHAUSTED;
      case TOO_SLOW -> Status.DEADLINE_EXCEEDED;
      case TAKEN_OVER -> Status.ABORTED;
      case UNSUPPORTED -> Status.UNIMPLEMENTED;
    };
  }

  /**
   * Has a refusal counted; what is too large the {@link InboundMeter} tells of, with gRPC's own.
   */
  static void count(LogConnection connection, Refusal refusal) {
    if (refusal != Refusal.TOO_LARGE) {
      connection.refused(refusal);
    }
  }
}
