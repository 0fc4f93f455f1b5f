package org.vmlog.wire;

import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.vmlog.wire.Reply.Refusal;

/** Refusals as gRPC's statuses, and back. Thread-safe. */
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

  /** What a call was refused for that ended so; null if it was not: its peer has cancelled it. */
  static @Nullable Refusal of(Status status) {
    for (Refusal refusal : Refusal.values()) {
      if (status(refusal).getCode() == status.getCode()) {
        return refusal;
      }
    }
    return null;
  }
}
