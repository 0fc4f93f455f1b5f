package org.vmlog.ship.kafka;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.ShipConfig;
import org.vmlog.ship.EngineState;

/**
 * Reads all partitions of a topic from a moment on, as nobody in particular: no group knows of it,
 * and nothing is noted in the cluster. Confined to one thread, but for {@link #stop}.
 */
public final class TopicTail implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicTail.class);

  private static final int MAX_POLL_MESSAGES = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration LOOK_PATIENCE = Duration.ofMillis(200);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic;
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private long lookedAt = System.nanoTime();
  private volatile boolean stopped;

  /** A message, and where it was. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Message(int partition, byte[] value) {}

  private TopicTail(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    this.consumer = consumer;
    this.topic = topic;
  }

  /**
   * Finds the topic.
   *
   * @param since messages that came later are read
   * @throws IOException that says why it cannot be read
   */
  public static TopicTail open(ShipConfig.Kafka topic, Instant since) throws IOException {
    KafkaSettings settings = new KafkaSettings(topic, 0);
    try {
      EngineState state = new KafkaProbe(settings).ask();
      if (!state.isReady()) {
        throw failed(topic, state);
      }
      TopicTail tail =
          new TopicTail(new KafkaConsumer<>(settings.consumer(MAX_POLL_MESSAGES)), topic.topic());
      try {
        tail.seek(since);
        return tail;
      } catch (KafkaException e) {
        tail.close();
        throw e;
      }
    } catch (KafkaException e) {
      throw failed(topic, KafkaFault.state(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private List<TopicPartition> partitions(Duration patience) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (PartitionInfo one : consumer.partitionsFor(topic, patience)) {
      partitions.add(new TopicPartition(topic, one.partition()));
    }
    return partitions;
  }

  /** Reads partitions that were added, from their beginnings; while the cluster is away, later. */
  private void lookForPartitions() {
    if (System.nanoTime() - lookedAt < LOOK_NANOS) {
      return;
    }
    try {
      List<TopicPartition> there = partitions(LOOK_PATIENCE); // as Kafka's own thread knows them
      List<TopicPartition> added = new ArrayList<>(there);
      added.removeAll(consumer.assignment());
      if (!added.isEmpty()) {
        consumer.assign(there);
        consumer.seekToBeginning(added);
      }
    } catch (RetriableException e) {
      LOG.debug("no partitions", e);
    }
    lookedAt = System.nanoTime();
  }

  private void seek(Instant since) {
    List<TopicPartition> partitions = partitions(PATIENCE);
    consumer.assign(partitions);
    ends.putAll(consumer.endOffsets(partitions, PATIENCE));
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, Math.max(0, since.toEpochMilli())));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times, PATIENCE);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp at = found.get(partition);
      consumer.seek(partition, at == null ? ends.getOrDefault(partition, 0L) : at.offset());
    }
  }

  /** What has come; empty after a while without anything, and once it is stopped. */
  public List<Message> poll(Duration atMost) throws IOException {
    List<Message> messages = new ArrayList<>();
    try {
      lookForPartitions();
      for (ConsumerRecord<byte[], byte[]> one : consumer.poll(atMost)) {
        if (one.value() != null) {
          messages.add(new Message(one.partition(), one.value()));
        }
      }
    } catch (WakeupException e) {
      return messages;
    } catch (KafkaException e) {
      throw new IOException("the topic cannot be read: " + KafkaFault.state(e).detail(), e);
    }
    return messages;
  }

  /** Whether all is read that was there when it was opened. */
  public boolean hasReadWhatWasThere() {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** Whether {@link #stop} was called. */
  public boolean isStopped() {
    return stopped;
  }

  /** Ends a {@link #poll}, and says that there is to be no other. */
  public void stop() {
    stopped = true;
    consumer.wakeup();
  }

  private static IOException failed(ShipConfig.Kafka topic, EngineState state) {
    return new IOException(
        "topic %s at %s: %s; %s"
            .formatted(topic.topic(), topic.bootstrap(), state.kind(), state.detail()));
  }

  @Override
  public void close() {
    consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ZERO));
  }
}
