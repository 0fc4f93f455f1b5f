package org.vmlog.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.StreamId;
import org.vmlog.sink.StreamSink;
import org.vmlog.sink.WriteIntent;
import org.vmlog.sink.WriteResult;

/**
 * Does as another sink does, and remembers how far streams' records stand in it for as long as it
 * lives. As confined as every sink; thread-safe where the other is.
 */
public record StreamingSink(LineSink behind, Map<StreamId, Long> lastSeqs) implements StreamSink {
  /** A sink that knows no stream yet. */
  public StreamingSink(LineSink behind) {
    this(behind, new HashMap<>());
  }

  @Override
  public long openStream(StreamId stream, Set<StreamId> inUse) throws IOException {
    if (lastSeqs.size() == MAX_STREAMS && !lastSeqs.containsKey(stream)) {
      lastSeqs.keySet().retainAll(inUse);
    }
    return lastSeqs.computeIfAbsent(stream, any -> 0L);
  }

  @Override
  public long lastSeq(StreamId stream) {
    return lastSeqs.get(stream);
  }

  @Override
  public WriteResult write(ByteBuffer[] lines, WriteIntent intent) {
    ByteBuffer[] copies = new ByteBuffer[lines.length];
    for (int i = 0; i < lines.length; i++) {
      copies[i] = lines[i].duplicate();
    }
    WriteResult result = behind.write(lines);
    intent.after(newlines(copies, result.bytes()), lastSeqs::put);
    return result;
  }

  private static long newlines(ByteBuffer[] lines, long bytes) {
    long count = 0;
    long left = bytes;
    for (ByteBuffer part : lines) {
      for (; left > 0 && part.hasRemaining(); left--) {
        count += part.get() == '\n' ? 1 : 0;
      }
    }
    return count;
  }

  @Override
  public WriteResult write(ByteBuffer[] lines) {
    return behind.write(lines);
  }

  @Override
  public void reopen() {
    behind.reopen();
  }

  @Override
  public Object device() {
    return behind.device();
  }

  @Override
  public void close() {
    behind.close();
  }
}
