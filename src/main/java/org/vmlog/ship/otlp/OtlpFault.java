package org.vmlog.ship.otlp;

import io.grpc.Metadata;
import io.grpc.Status;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.vmlog.ship.EngineState;
import org.vmlog.ship.EngineState.Kind;
import org.vmlog.ship.Outcome;

/**
 * What a failed export means, by the OTLP specification's table under "OTLP/gRPC Response".
 *
 * <p>It has every other code than those it lists drop the records. Here only INVALID_ARGUMENT does,
 * which is about what was sent: all others may as well be about who we are, or about what stands
 * between, and so records wait in their files. Immutable.
 *
 * @param outcome of the shipment
 * @param state of the engine now; empty if the shipment alone is at fault
 * @param pause that the receiver has asked for
 */
record OtlpFault(Outcome outcome, Optional<EngineState> state, Optional<Duration> pause) {

  static OtlpFault of(Status status, Metadata trailers) {
    Optional<Duration> pause = RetryPause.of(trailers);
    return switch (status.getCode()) {
      case INVALID_ARGUMENT -> ofShipment(Outcome.REJECTED);
      case RESOURCE_EXHAUSTED ->
          // Without a pause it is no throttling: gRPC itself says this of a message's size.
          pause.isPresent() ? throttled(status, pause) : ofShipment(Outcome.TOO_LARGE);
      case UNAVAILABLE ->
          pause.isPresent() ? throttled(status, pause) : waiting(unavailable(status), status);
      case CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, DATA_LOSS ->
          waiting(Kind.UNREACHABLE, status);
      case UNAUTHENTICATED -> waiting(Kind.WRONG_CREDENTIALS, status);
      case PERMISSION_DENIED -> waiting(Kind.NOT_AUTHORIZED, status);
      default -> waiting(Kind.REFUSED, status);
    };
  }

  private static OtlpFault ofShipment(Outcome outcome) {
    return new OtlpFault(outcome, Optional.empty(), Optional.empty());
  }

  private static OtlpFault waiting(Kind kind, Status status) {
    return new OtlpFault(Outcome.RETRY, Optional.of(state(kind, status)), Optional.empty());
  }

  private static OtlpFault throttled(Status status, Optional<Duration> pause) {
    return new OtlpFault(Outcome.RETRY, Optional.of(state(Kind.THROTTLED, status)), pause);
  }

  private static EngineState state(Kind kind, Status status) {
    Throwable root = status.getCause();
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    String why = root == null ? status.getDescription() : root.getMessage();
    return new EngineState(kind, status.getCode() + (why == null ? "" : ": " + why));
  }

  /** gRPC says the same of a server that is away and of one that is not whom we trust. */
  private static Kind unavailable(Status status) {
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException || cause instanceof GeneralSecurityException) {
        return Kind.WRONG_CREDENTIALS;
      }
    }
    return Kind.UNREACHABLE;
  }
}
