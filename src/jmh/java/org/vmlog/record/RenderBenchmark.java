package org.vmlog.record;

import com.google.protobuf.ByteString;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.proto.vmtools.Timestamp;

/**
 * What our own work on a record costs, with no gRPC, thread or file around it: walking the request,
 * scrubbing the content, rendering the line. An operation is a record of 124 bytes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RenderBenchmark {
  private static final int RECORDS = 40;
  private static final String CONTENT =
      " systemd[1]: Started session-4711.scope - Session 4711 of User chronos, seat0, tty7, 0x7f3a"
          + "9c02, all is we";

  @Param({"RFC3164", "RFC5424"})
  public LineFormat format;

  @Param({"STANDARD", "STRICT"})
  public ScrubMode scrub;

  private final RequestCursor cursor = new RequestCursor(RECORDS);
  private final LogEntry entry = new LogEntry();
  private final SourceLabel label = SourceLabel.vm("bench", "vm0", 100);
  private final LineBuffer out = new LineBuffer(1 << 16);
  private byte[] request;
  private LineRenderer renderer;

  @Setup
  public void makeRequest() {
    LogRequest.Builder building = LogRequest.newBuilder();
    for (int i = 0; i < RECORDS; i++) {
      building.addRecords(
          LogRecord.newBuilder()
              .setSeverity(LogSeverity.INFO)
              .setTimestamp(
                  Timestamp.newBuilder().setSeconds(1_767_225_600 + i / 20).setNanos(123_456_789))
              .setContent(ByteString.copyFromUtf8(CONTENT)));
    }
    request = building.build().toByteArray();
    renderer = new LineRenderer(format, scrub, ZoneOffset.UTC, 2);
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public int walkScrubRender() throws RequestException {
    out.clear();
    cursor.start(request);
    while (cursor.next(entry)) {
      if (!renderer.render(entry, Channel.USER, label, out)) {
        throw new IllegalStateException("the buffer is too small");
      }
    }
    return out.position();
  }
}
