package org.vmlog.record;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The bytes are not a serialized vm_tools.LogRequest. */
public final class MalformedRequestException extends RequestException {
  @Serial private static final long serialVersionUID = 1L;

  MalformedRequestException(int offset, int length, @Nullable String why) {
    super(
        "malformed request: at byte %d of %d, where a serialized vm_tools.LogRequest goes on: %s"
            .formatted(offset, length, why));
  }
}
