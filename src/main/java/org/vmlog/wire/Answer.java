package org.vmlog.wire;

import io.grpc.Status;

/**
 * How the host ended a call. Immutable.
 *
 * @param reason gRPC's status and its description, for the log
 */
public record Answer(Verdict verdict, String reason) {

  /** The connection was closed. */
  public static final Answer LOST = new Answer(Verdict.FAILED, "the connection was closed");

  /** What an answer asks for. */
  public enum Verdict {
    /** The host has it. */
    OK,
    /** The host has no such method. */
    UNKNOWN_METHOD,
    /** The same request would get the same answer again. */
    REFUSED,
    /** The host is away, or has trouble of its own; later it may be otherwise. */
    FAILED
  }

  static Answer of(Status status) {
    String description = status.getDescription();
    Throwable cause = status.getCause();
    StringBuilder reason = new StringBuilder(status.getCode().name());
    if (description != null) {
      reason.append(": ").append(description);
    }
    if (cause != null && cause.getMessage() != null) {
      reason.append(" (").append(cause.getMessage()).append(')');
    }
    return new Answer(verdict(status), reason.toString());
  }

  private static Verdict verdict(Status status) {
    return switch (status.getCode()) {
      case OK -> Verdict.OK;
      case UNIMPLEMENTED -> Verdict.UNKNOWN_METHOD;
      // INTERNAL is what servers in other languages say of a message that they cannot parse.
      case INVALID_ARGUMENT, RESOURCE_EXHAUSTED, OUT_OF_RANGE, INTERNAL -> Verdict.REFUSED;
      default -> Verdict.FAILED;
    };
  }
}
