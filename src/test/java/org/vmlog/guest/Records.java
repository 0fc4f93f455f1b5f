package org.vmlog.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.vmlog.config.GuestConfig;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.record.Channel;
import org.vmlog.record.LogEntry;

/** Buffers for tests, and what is put into them and comes out, as text. */
final class Records {
  static final int DEBUG = 7;
  static final int INFO = 6;
  static final int WARNING = 4;
  static final int ERROR = 3;

  static final int ALL = Integer.MAX_VALUE;

  static final GuestConfig.Flush FLUSH = new GuestConfig.Flush(4096, Duration.ofSeconds(5));
  static final OwnRecords OWN = new OwnRecords(InstantSource.fixed(Instant.EPOCH));

  private Records() {}

  static RecordBuffer buffer(SegmentStore store) {
    return new RecordBuffer(store, FLUSH, KernelBookmark.none(), OWN, System::nanoTime);
  }

  /** A buffer of so many segments of 4 KiB. */
  static RecordBuffer buffer(int segments) {
    return buffer(new HeapSegments((long) segments * Segment.BYTES));
  }

  static LogEntry entry(int severity, String content) {
    byte[] bytes = content.getBytes(UTF_8);
    return new LogEntry().set(severity, 1_700_000_000, 5, bytes, 0, bytes.length);
  }

  /** What a batch says, each record as {@code SEVERITY CONTENT}. */
  static List<String> texts(Batch batch) {
    List<String> texts = new ArrayList<>();
    for (LogRecord record : request(batch).getRecordsList()) {
      texts.add(record.getSeverityValue() - 1 + " " + record.getContent().toStringUtf8());
    }
    assertThat(batch.records()).isEqualTo(texts.size());
    return texts;
  }

  static LogRequest request(Batch batch) {
    try {
      byte[] request = batch.request();
      assertThat(request).hasSize(batch.requestBytes());
      return LogRequest.parseFrom(request);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** Takes and finishes everything on a channel. */
  static List<String> drain(RecordBuffer buffer, Channel channel) {
    List<String> texts = new ArrayList<>();
    for (Batch batch = buffer.take(channel, 3000);
        batch != null;
        batch = buffer.take(channel, 3000)) {
      texts.addAll(texts(batch));
      buffer.finish(batch);
    }
    return texts;
  }
}
