package org.vmlog.route;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.WriteResult;
import org.vmlog.testing.BlockingSink;

/** Waits at a gate, and then does as another sink does. As thread-safe as that one. */
record GatedSink(BlockingSink gate, LineSink behind) implements LineSink {
  @Override
  public WriteResult write(ByteBuffer[] lines) {
    WriteResult unused = gate.write(new ByteBuffer[0]);
    return behind.write(lines);
  }

  @Override
  public void reopen() {
    behind.reopen();
  }

  @Override
  public void rotate() throws IOException {
    behind.rotate();
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
