package org.vmlog.record;

import java.io.Serial;

/**
 * A request that is refused whole. Has no stack trace: a hostile guest decides how often one is
 * made, and where it came from is no secret.
 */
public abstract sealed class RequestException extends Exception
    permits MalformedRequestException, TooManyRecordsException {
  @Serial private static final long serialVersionUID = 1L;

  RequestException(String message) {
    super(message, null, false, false);
  }
}
