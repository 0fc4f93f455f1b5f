package org.vmlog.route;

import java.io.IOException;
import org.vmlog.sink.StreamId;
import org.vmlog.sink.StreamSink;

/**
 * One sender's hold on one stream of a pipe. Another sender that opens the same stream takes it
 * over: what this one has handed in is still written, and nothing more is taken from it. When
 * something that it handed in cannot be written, nothing that it handed in later is: a stream's
 * records stand in their order.
 *
 * <p>One thread appends and closes; what others ask of it is guarded by the pipe's lock.
 */
public final class PipeStream {
  /** How many streams of one pipe may be open at a time. */
  public static final int MAX_OPEN = StreamSink.MAX_STREAMS;

  /** What came of {@link #open}. */
  public enum Opening {
    /** The listener is told when it is done. */
    UNDER_WAY,
    /** So many streams of this pipe are open that none can be forgotten for it. */
    TOO_MANY,
    /** This pipe's sink does not know how far streams stand in it. */
    UNSUPPORTED,
    /** The pipe is closed. */
    CLOSED
  }

  /** Told what becomes of a stream. Must be quick and must not throw. */
  public interface Listener {
    /** From here on the sender goes on, and may append. On the pipe's writer. */
    void opened(long lastSeq);

    /** Every record up to this one stands in the sink. On the pipe's writer, once for a write. */
    void written(long lastSeq);

    /** It could not be opened, or something could not be written. On the pipe's writer. */
    void failed(IOException cause);

    /** Another sender has the stream. On that one's thread. */
    void takenOver();
  }

  /** Of a sender that is gone: what waits of it may wait for long, and is not to keep it. */
  private static final Listener NOBODY =
      new Listener() {
        @Override
        public void opened(long lastSeq) {}

        @Override
        public void written(long lastSeq) {}

        @Override
        public void failed(IOException cause) {}

        @Override
        public void takenOver() {}
      };

  private final LogPipe pipe;
  private final StreamId id;
  private volatile Listener listener;

  // Guarded by the pipe's lock.
  private boolean ended;
  private boolean broken;

  /** A stream that is not open yet. */
  public PipeStream(LogPipe pipe, StreamId id, Listener listener) {
    this.pipe = pipe;
    this.id = id;
    this.listener = listener;
  }

  /** Takes the stream, from whoever has it; it is open once what that one handed in is written. */
  public Opening open() {
    return pipe.openStream(this);
  }

  /**
   * Takes lines, as {@link LogPipe#append} does; {@link Offer#CLOSED} also from the moment on of
   * which the listener is told that nothing more is taken.
   *
   * @param firstSeq the number of the first record; greater than all that were appended before
   * @param counts the records, one line each
   */
  public Offer append(byte[] lines, int offset, int length, long firstSeq, SeverityCounts counts) {
    StreamAppend append = new StreamAppend(this, firstSeq, (int) counts.records());
    return pipe.append(lines, offset, length, counts, append);
  }

  /** The sender is gone. What it has handed in is still written. */
  public void close() {
    listener = NOBODY;
    pipe.streams().close(this);
  }

  StreamId id() {
    return id;
  }

  Listener listener() {
    return listener;
  }

  /** Whether nothing more is taken. */
  boolean isEnded() {
    return ended;
  }

  void end() {
    ended = true;
  }

  /** Whether what waits is not to be written any more. */
  boolean isBroken() {
    return broken;
  }

  void breakOff() {
    ended = true;
    broken = true;
  }
}
