package org.vmlog.ship.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.vmlog.config.ShipConfig;

/**
 * What Kafka's clients are told. Immutable.
 *
 * @param bufferBytes of messages that wait for an answer
 */
record KafkaSettings(ShipConfig.Kafka topic, long bufferBytes) {
  /** What no answer comes within is no answer. */
  static final int ANSWER_MILLIS = 5000;

  private static final int FETCH_BYTES = 8 << 20;

  /** How soon partitions that were added are heard of. */
  private static final int PARTITIONS_MILLIS = 5000;

  private static final int LINGER_MILLIS = 5;
  private static final int BATCH_BYTES = 128 << 10;

  /** More than a message's key and head take beside it. */
  private static final int MESSAGE_BYTES = 256;

  /** What producers and the admin client have in common. */
  Map<String, Object> client() throws IOException {
    Map<String, Object> client = new HashMap<>();
    client.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, topic.bootstrap());
    client.put(CommonClientConfigs.CLIENT_ID_CONFIG, "vmlog-ship");
    client.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 2000);
    client.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
    client.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
    client.put(
        CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
        (topic.login().isPresent() ? "SASL_" : "")
            + (topic.tls().isPresent() ? "SSL" : "PLAINTEXT"));
    if (topic.tls().isPresent()) {
      put(client, topic.tls().get());
    }
    if (topic.login().isPresent()) {
      put(client, topic.login().get());
    }
    return client;
  }

  /** All promises that Kafka has: nothing is given up, twice or out of order by the producer. */
  Map<String, Object> producer() throws IOException {
    Map<String, Object> producer = client();
    producer.put(ProducerConfig.ACKS_CONFIG, "all");
    producer.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    producer.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
    producer.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_MILLIS);
    // A topic that was silent overnight is still known when the first line comes.
    producer.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Integer.MAX_VALUE);
    producer.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
    producer.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    producer.put(ProducerConfig.BUFFER_MEMORY_CONFIG, bufferBytes);
    producer.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, topic.maxMessageBytes());
    producer.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, topic.compression());
    producer.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    producer.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return producer;
  }

  /**
   * What a producer may set aside for these: a batch for each partition, however little is in it.
   */
  long memoryOf(List<byte[]> messages) {
    long bytes = 0;
    for (byte[] message : messages) {
      bytes += message.length + MESSAGE_BYTES;
    }
    return Math.max(BATCH_BYTES, bytes);
  }

  /** For somebody who only looks. */
  Map<String, Object> consumer(int maxMessages) throws IOException {
    Map<String, Object> consumer = client();
    consumer.put(CommonClientConfigs.CLIENT_ID_CONFIG, "vmlog-tail");
    consumer.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, PARTITIONS_MILLIS);
    consumer.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    consumer.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    consumer.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxMessages);
    consumer.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    consumer.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    consumer.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return consumer;
  }

  private static void put(Map<String, Object> client, ShipConfig.Tls tls) throws IOException {
    if (tls.authorities().isPresent()) {
      client.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, "PEM");
      client.put(
          SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG, Files.readString(tls.authorities().get()));
    }
    if (tls.identity().isPresent()) {
      client.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, "PEM");
      client.put(
          SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG,
          Files.readString(tls.identity().get().certificate()));
      client.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, Files.readString(tls.identity().get().key()));
    }
  }

  private static void put(Map<String, Object> client, ShipConfig.Login login) throws IOException {
    boolean plain = login.mechanism().equals("PLAIN");
    String module =
        plain
            ? "org.apache.kafka.common.security.plain.PlainLoginModule"
            : "org.apache.kafka.common.security.scram.ScramLoginModule";
    client.put(SaslConfigs.SASL_MECHANISM, login.mechanism());
    client.put(
        SaslConfigs.SASL_JAAS_CONFIG,
        "%s required username=%s password=%s;"
            .formatted(
                module,
                quoted(login.user()),
                quoted(Files.readString(login.passwordFile()).strip())));
  }

  /** As in a file of JAAS, which is read by java.io.StreamTokenizer. */
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
