package org.vmlog.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads topics with kcat(1), which has nothing in common with our client. Stateless. */
public final class Kcat {
  private static final Path KCAT = Path.of("/usr/bin/kcat");

  private Kcat() {}

  /** A message as it lies in the topic. */
  public record Message(String key, int partition, long offset, byte[] value) {}

  /** Everything that is in a topic now, in order in each partition; skips the test without kcat. */
  public static List<Message> read(String broker, String topic) throws Exception {
    assumeTrue(Files.isExecutable(KCAT), "kcat is missing (Debian package kcat)");
    Process kcat =
        new ProcessBuilder(
                KCAT.toString(),
                "-C",
                "-q",
                "-e",
                "-u",
                "-b",
                broker,
                "-t",
                topic,
                "-o",
                "beginning",
                "-f",
                "%k %p %o %S\\n%s")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<Message> messages = new ArrayList<>();
    try (InputStream out = new BufferedInputStream(kcat.getInputStream(), 1 << 16)) {
      for (String head = line(out); head != null; head = line(out)) {
        String[] fields = head.split(" ");
        int size = Integer.parseInt(fields[3]);
        byte[] value = out.readNBytes(size);
        if (value.length < size) {
          throw new EOFException("kcat ended in a message");
        }
        messages.add(
            new Message(fields[0], Integer.parseInt(fields[1]), Long.parseLong(fields[2]), value));
      }
    }
    if (kcat.waitFor() != 0) {
      throw new IOException("kcat exits with " + kcat.exitValue());
    }
    return messages;
  }

  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      line.append((char) c);
    }
    return new String(
        line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
