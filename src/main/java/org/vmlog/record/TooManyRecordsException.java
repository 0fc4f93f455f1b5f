package org.vmlog.record;

import java.io.Serial;

/** The request holds more records than one may. */
public final class TooManyRecordsException extends RequestException {
  @Serial private static final long serialVersionUID = 1L;

  TooManyRecordsException(int maxRecords) {
    super("too many records: a request may hold " + maxRecords + ", this one holds more");
  }
}
