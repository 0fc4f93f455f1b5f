package org.vmlog.record;

/**
 * Takes a stream of bytes apart into records, in memory that does not grow with what comes. Bytes
 * are fed as they were read, and every record that they finish is asked for before the next are
 * fed. Used by one thread at a time.
 */
public interface StreamDecoder {
  /** What {@link #next} has found. */
  enum Step {
    /** A record. */
    RECORD,
    /** A record that had to be cut; it ends in a mark that says so. */
    CUT_RECORD,
    /** A record that says nothing: there is nothing to be logged of it. */
    SILENT,
    /** The end of a record of which too much was let go; see {@link #shed}. */
    LOST,
    /** Nothing more in what was fed. */
    MORE
  }

  /**
   * Goes on with these bytes. The array must stay as it is until {@link #next} has answered {@link
   * Step#MORE}.
   */
  void feed(byte[] bytes, int offset, int length);

  /**
   * Fills the entry with the next record, if there is one. Its content is good until the next call.
   *
   * @throws MalformedStreamException if this is not what the stream should be; nothing that follows
   *     can be read
   */
  Step next(LogEntry into) throws MalformedStreamException;

  /** By which way the last record came to its guest's log. */
  Channel channel();

  /**
   * Nothing more comes. What is left can be asked for, where an unfinished record is one.
   *
   * @return whether there is an unfinished record that nothing can be made of
   */
  boolean end();

  /**
   * Whether the unfinished record is one as it is when nothing more comes for a while; then {@link
   * #end} is called, and the stream may go on all the same.
   */
  default boolean endsBySilence() {
    return false;
  }

  /** What is kept of an unfinished record between two feeds, in bytes; between records nothing. */
  int heldBytes();

  /** Lets go of what is kept of the unfinished record. */
  void shed();
}
