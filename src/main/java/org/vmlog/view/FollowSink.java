package org.vmlog.view;

import java.io.IOException;
import org.vmlog.logs.LogName;

/** Gets what comes while logs are followed, on the thread that follows. */
public interface FollowSink {
  /** A line has come. */
  void line(LogLine line) throws IOException;

  /** A VM has become live or is so no more, or its log is new or gone; all its lines have come. */
  void change(LogName log, Change change) throws IOException;

  /** Nothing more for now: what is buffered is to be shown. */
  void idle() throws IOException;

  /** What happens to a log as a whole. */
  enum Change {
    /** There was none before. */
    NEW("has a log now"),
    /** The forwarder has opened the VM's sockets. */
    LIVE("is live"),
    /** It has closed them. */
    STOPPED("has stopped"),
    /** Its files were removed. */
    GONE("has no log any more");

    private final String shown;

    Change(String shown) {
      this.shown = shown;
    }

    @Override
    public String toString() {
      return shown;
    }
  }
}
