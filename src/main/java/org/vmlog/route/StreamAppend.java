package org.vmlog.route;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A stream's records on their way through a pipe. Immutable; as an ack it stands for all of its
 * stream's in one write.
 */
record StreamAppend(PipeStream stream, long firstSeq, int records) implements Ack {
  /** This and the one after it; null unless they are of one stream and leave out no number. */
  @Nullable StreamAppend join(StreamAppend next) {
    return next.stream.equals(stream) && next.firstSeq == firstSeq + records
        ? new StreamAppend(stream, firstSeq, records + next.records)
        : null;
  }

  @Override
  public void written() {
    stream.listener().written(firstSeq + records - 1);
  }

  @Override
  public void failed(IOException cause) {
    stream.listener().failed(cause);
  }
}
