package org.vmlog.record;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The bytes are not what they should be the serialized form of. */
public final class MalformedRequestException extends RequestException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * @param type the message that goes on there
   */
  MalformedRequestException(String type, int offset, int length, @Nullable String why) {
    super(
        "malformed request: at byte %s of %s, where a serialized %s goes on: %s"
            .formatted(offset, length, type, why));
  }
}
