package org.vmlog.sink;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Lines as a pipe hands them to a sink. */
final class Lines {
  private Lines() {}

  /** One direct buffer a part; a newline ends a line, as in the real thing. */
  static ByteBuffer[] buffers(String... parts) {
    ByteBuffer[] buffers = new ByteBuffer[parts.length];
    for (int i = 0; i < parts.length; i++) {
      byte[] bytes = parts[i].getBytes(StandardCharsets.UTF_8);
      // Something before and after it that is none of the sink's business.
      buffers[i] = ByteBuffer.allocateDirect(bytes.length + 14);
      buffers[i].put("before\n".getBytes(StandardCharsets.US_ASCII)).put(bytes);
      buffers[i].put("after\n\n".getBytes(StandardCharsets.US_ASCII));
      buffers[i].position(7).limit(7 + bytes.length);
    }
    return buffers;
  }

  /** {@code line 0…}, of the given length each with its newline. */
  static List<String> numbered(int from, int to, int length) {
    List<String> lines = new ArrayList<>();
    for (int i = from; i < to; i++) {
      String number = "line " + i + " ";
      lines.add(number + "x".repeat(Math.max(0, length - 1 - number.length())));
    }
    return lines;
  }

  static ByteBuffer[] of(List<String> lines) {
    return buffers(String.join("\n", lines) + "\n");
  }

  /** What is left of lines when so many bytes of them were written. */
  static ByteBuffer[] rest(List<String> lines, long written) {
    byte[] all = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer rest = ByteBuffer.allocateDirect(all.length - (int) written);
    rest.put(all, (int) written, rest.capacity()).flip();
    return new ByteBuffer[] {rest};
  }
}
