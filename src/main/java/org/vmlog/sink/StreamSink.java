package org.vmlog.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * A sink that knows how far each stream's records stand in it, even when the process was killed in
 * the middle of a write. As confined as every {@link LineSink}.
 */
public interface StreamSink extends LineSink {
  /** How many streams it knows at a time. */
  int MAX_STREAMS = 8;

  /**
   * Looks a stream up, or begins to know it. One more than it can know takes the place of the one
   * that was looked up the longest time ago.
   *
   * @param inUse streams that stay known; fewer than {@link #MAX_STREAMS} beside this one
   * @return the number of its last record that stands here; 0 when there is none
   * @throws IOException if it could not be told after a kill
   */
  long openStream(StreamId stream, Set<StreamId> inUse) throws IOException;

  /** The same of a stream that is known already. */
  long lastSeq(StreamId stream);

  /**
   * Writes lines of which some are streams' records, as {@link #write(ByteBuffer[])} does.
   *
   * @param intent what they are; its streams are known
   */
  WriteResult write(ByteBuffer[] lines, WriteIntent intent);
}
