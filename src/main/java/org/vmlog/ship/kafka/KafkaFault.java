package org.vmlog.ship.kafka;

import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.vmlog.ship.EngineState;
import org.vmlog.ship.EngineState.Kind;

/** What Kafka's exceptions mean. Stateless. */
final class KafkaFault {
  private KafkaFault() {}

  /** Why nothing can be sent. */
  static EngineState state(Throwable cause) {
    return new EngineState(kind(cause), String.valueOf(cause.getMessage()));
  }

  /** Whether one message is at fault, and not the cluster. */
  static boolean isTooLarge(Throwable cause) {
    return cause instanceof RecordTooLargeException;
  }

  private static Kind kind(Throwable cause) {
    if (cause instanceof AuthenticationException) {
      return Kind.WRONG_CREDENTIALS;
    }
    if (cause instanceof AuthorizationException) {
      return Kind.NOT_AUTHORIZED;
    }
    if (cause instanceof UnknownTopicOrPartitionException
        || cause instanceof InvalidTopicException) {
      return Kind.TOPIC_MISSING;
    }
    return cause instanceof RetriableException ? Kind.UNREACHABLE : Kind.REFUSED;
  }
}
