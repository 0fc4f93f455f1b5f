package org.vmlog.view.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.vmlog.record.FileLine;

/** A program's tag, as {@code -t} has it. Immutable. */
public record Tag(String name) {
  boolean is(FileLine line) {
    return line.isTag(name.getBytes(UTF_8));
  }
}
