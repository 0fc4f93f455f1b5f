package org.vmlog.view.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.vmlog.record.LineView;

/** A program's tag, as {@code -t} has it. Immutable. */
public record Tag(String name) {
  boolean is(LineView line) {
    return line.isTag(name.getBytes(UTF_8));
  }
}
