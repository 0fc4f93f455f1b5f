package org.vmlog.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;

/** What a record holds, whoever parsed it. Immutable. */
record SeenRecord(int severity, long seconds, int nanos, ByteString content) {

  static SeenRecord of(LogEntry entry) {
    return new SeenRecord(
        entry.severity(),
        entry.seconds(),
        entry.nanos(),
        ByteString.copyFrom(entry.bytes(), entry.contentOffset(), entry.contentLength()));
  }

  /** What protobuf's generated classes see in a request; empty when they refuse it. */
  static Optional<List<SeenRecord>> generated(byte[] request) {
    try {
      List<SeenRecord> seen = new ArrayList<>();
      for (LogRecord record : LogRequest.parseFrom(request).getRecordsList()) {
        int wire = record.getSeverityValue();
        seen.add(
            new SeenRecord(
                wire >= 1 && wire <= 8 ? wire - 1 : 5,
                record.getTimestamp().getSeconds(),
                record.getTimestamp().getNanos(),
                record.getContent()));
      }
      return Optional.of(seen);
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }
}
