package org.vmlog.ship.otlp;

import io.grpc.Metadata;
import io.grpc.Status;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.vmlog.ship.EngineState;
import org.vmlog.ship.EngineState.Kind;

/**
 * What a failed export means, by the OTLP specification's "OTLP/gRPC Response" and "OTLP/HTTP
 * Response".
 *
 * <p>It has every other code than those it lists drop the records. Here only what is about a
 * message itself does: all others may as well be about who we are, or about what stands between,
 * and so records wait in their files. Immutable.
 *
 * @param blame what is at fault
 * @param state of the engine, unless it is the shipment
 * @param pause that the receiver has asked for
 */
record OtlpFault(Blame blame, EngineState state, Optional<Duration> pause) {

  /** What may be at fault. */
  enum Blame {
    /** The message cannot be understood, ever. */
    SHIPMENT,
    /** The message is larger than is taken. */
    SIZE,
    /** Whoever it is, it takes nothing now. */
    RECEIVER,
    /** Receivers say this of themselves, and of a message that something behind them refuses. */
    UNCLEAR,
    /** Receivers say this when they have no room, and of a message that is too large. */
    UNCLEAR_SIZE
  }

  /**
   * What the libraries say of a message that is too large: gRPC's C core and Go, and Java. A status
   * has no other place for the difference.
   */
  private static final Pattern SIZE_WORDS =
      Pattern.compile("message larger than max|message exceeds maximum size");

  static OtlpFault of(Status status, Metadata trailers) {
    byte[] details = trailers.get(RetryPause.DETAILS);
    Optional<Duration> pause = details == null ? Optional.empty() : RetryPause.of(details);
    String why = why(status);
    return switch (status.getCode()) {
      case INVALID_ARGUMENT -> fault(Blame.SHIPMENT, Kind.REFUSED, why);
      case RESOURCE_EXHAUSTED -> {
        if (pause.isPresent()) {
          yield throttled(why, pause);
        }
        boolean isSize = SIZE_WORDS.matcher(why).find();
        yield fault(isSize ? Blame.SIZE : Blame.UNCLEAR_SIZE, Kind.THROTTLED, why);
      }
      case UNAVAILABLE ->
          pause.isPresent() ? throttled(why, pause) : unavailable(status.getCause(), why);
      case CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, DATA_LOSS ->
          fault(Blame.RECEIVER, Kind.UNREACHABLE, why);
      case UNAUTHENTICATED -> fault(Blame.RECEIVER, Kind.WRONG_CREDENTIALS, why);
      case PERMISSION_DENIED -> fault(Blame.RECEIVER, Kind.NOT_AUTHORIZED, why);
      case UNIMPLEMENTED -> fault(Blame.RECEIVER, Kind.REFUSED, why);
      default -> fault(Blame.UNCLEAR, Kind.REFUSED, why);
    };
  }

  /**
   * By HTTP.
   *
   * @param retryAfter the header; empty if there is none
   * @param body a google.rpc.Status, or anything
   */
  static OtlpFault of(int code, String retryAfter, byte[] body) {
    Optional<Duration> pause = RetryPause.of(retryAfter, Instant.now());
    String said = RetryPause.message(body);
    String why = "HTTP " + code + (said.isEmpty() ? "" : ": " + said);
    return switch (code) {
      case 400, 422 -> fault(Blame.SHIPMENT, Kind.REFUSED, why);
      case 413 -> fault(Blame.SIZE, Kind.REFUSED, why);
      case 401 -> fault(Blame.RECEIVER, Kind.WRONG_CREDENTIALS, why);
      case 403 -> fault(Blame.RECEIVER, Kind.NOT_AUTHORIZED, why);
      case 429 -> throttled(why, pause);
      case 502, 503, 504 ->
          pause.isPresent() ? throttled(why, pause) : fault(Blame.RECEIVER, Kind.UNREACHABLE, why);
      default -> fault(code == 500 ? Blame.UNCLEAR : Blame.RECEIVER, Kind.REFUSED, why);
    };
  }

  /** Nothing was answered. */
  static OtlpFault of(Throwable failure) {
    return unavailable(failure, failure.toString());
  }

  /** What was answered is not read to its end. */
  static OtlpFault answerTooLong() {
    String why = "the answer is longer than " + OtlpConnection.MAX_ANSWER_BYTES;
    return fault(Blame.RECEIVER, Kind.REFUSED, why);
  }

  private static OtlpFault fault(Blame blame, Kind kind, String why) {
    return new OtlpFault(blame, new EngineState(kind, why), Optional.empty());
  }

  private static OtlpFault throttled(String why, Optional<Duration> pause) {
    return new OtlpFault(Blame.RECEIVER, new EngineState(Kind.THROTTLED, why), pause);
  }

  private static String why(Status status) {
    Throwable root = status.getCause();
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    String why = root == null ? status.getDescription() : root.getMessage();
    return status.getCode() + (why == null ? "" : ": " + why);
  }

  /** The same is said of a server that is away and of one that is not whom we trust. */
  private static OtlpFault unavailable(@Nullable Throwable failure, String why) {
    Kind kind = Kind.UNREACHABLE;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException || cause instanceof GeneralSecurityException) {
        kind = Kind.WRONG_CREDENTIALS;
      }
    }
    return fault(Blame.RECEIVER, kind, why);
  }
}
