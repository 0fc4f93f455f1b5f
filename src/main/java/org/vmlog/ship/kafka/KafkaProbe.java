package org.vmlog.ship.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.KafkaException;
import org.vmlog.ship.EngineState;
import org.vmlog.ship.EngineState.Kind;

/**
 * Asks a cluster for the topic, since a producer does not tell what it waits for: it says the same
 * of a cluster that is away and of a topic that is missing. Before that it is made sure that Kafka
 * is spoken there at all. Immutable; waits for the answer.
 */
record KafkaProbe(KafkaSettings settings) {

  /** Ready if there is the topic, and otherwise what is in the way. */
  EngineState ask() throws InterruptedException {
    try {
      Optional<EngineState> foreign = new KafkaGreeting(settings.topic()).stranger();
      if (foreign.isPresent()) {
        return foreign.get();
      }
      Map<String, Object> config = settings.client();
      config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, KafkaSettings.ANSWER_MILLIS);
      config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, KafkaSettings.ANSWER_MILLIS);
      Admin admin = Admin.create(config);
      try {
        admin
            .describeTopics(
                List.of(settings.topic().topic()),
                new DescribeTopicsOptions().timeoutMs(KafkaSettings.ANSWER_MILLIS))
            .allTopicNames()
            .get();
        return EngineState.READY;
      } catch (ExecutionException e) {
        return KafkaFault.state(e.getCause() == null ? e : e.getCause());
      } finally {
        admin.close(Duration.ZERO);
      }
    } catch (KafkaException | IOException e) {
      Throwable cause = e.getCause() instanceof KafkaException inner ? inner : e;
      return new EngineState(Kind.REFUSED, String.valueOf(cause.getMessage()));
    }
  }
}
