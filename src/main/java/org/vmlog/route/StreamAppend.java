package org.vmlog.route;

import java.io.IOException;

/**
 * A stream's records on their way through a pipe. Immutable; as an ack it stands for all of its
 * stream's in one write.
 */
record StreamAppend(PipeStream stream, long firstSeq, int records) implements Ack {
  @Override
  public void written() {
    stream.listener().written(firstSeq + records - 1);
  }

  @Override
  public void failed(IOException cause) {
    stream.listener().failed(cause);
  }
}
