package org.vmlog.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vmlog.testing.ProcessFacts;

/** A running {@link Load}. Confined to one thread. */
final class LoadProcess implements AutoCloseable {
  private final Process process;
  private final Writer orders;
  private final BufferedReader answers;

  private LoadProcess(Process process) {
    this.process = process;
    orders = process.outputWriter(StandardCharsets.US_ASCII);
    answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
  }

  static LoadProcess start(Load.Kind kind, int records, List<Path> sockets) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Load.class.getName(),
                kind.name(),
                Integer.toString(records)));
    sockets.forEach(socket -> command.add(socket.toString()));
    return new LoadProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  ProcessFacts facts() {
    return new ProcessFacts(process.pid());
  }

  Load.Stretch run(int requests) throws IOException {
    orders.write(requests + "\n");
    orders.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the load ended early; what it said is above");
    }
    return Load.Stretch.parse(answer);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
