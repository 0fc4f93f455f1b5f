package org.vmlog.ship;

import java.nio.charset.StandardCharsets;

/**
 * The ids of records, {@code hostId/owner/vm/fileId@offset}: the same each time the same line is
 * sent, so that who reads can tell what came twice. Immutable, thread-safe.
 */
public record RecordIds(String hostId) {

  /** What the ids of a source's records begin with: it is also what they are keyed by. */
  public String key(LogSource source) {
    return hostId + "/" + source.path();
  }

  /** What the ids of the records of one file have in common. */
  public byte[] prefix(LogSource source, long file) {
    return "%s/%016x@".formatted(key(source), file).getBytes(StandardCharsets.UTF_8);
  }

  /** A gap's: no record begins with it, and a later gap may begin where it does. */
  public byte[] of(Gap gap) {
    return "%s/%016x@%s-%s"
        .formatted(key(gap.source()), gap.file(), gap.from(), gap.to())
        .getBytes(StandardCharsets.UTF_8);
  }
}
