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

  static LoadProcess start(Load.Kind kind, int recordsAtOnce, List<? extends Endpoint> endpoints)
      throws IOException {
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
                Integer.toString(recordsAtOnce)));
    endpoints.forEach(endpoint -> command.add(endpoint.toString()));
    return new LoadProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  ProcessFacts facts() {
    return new ProcessFacts(process.pid());
  }

  /** Has it send as fast as it gets answers. */
  Load.Stretch run(int messages) throws IOException {
    return run(messages, 0);
  }

  /** See {@link Load#run}. */
  Load.Stretch run(int messages, int perSecond) throws IOException {
    orders.write(messages + " " + perSecond + "\n");
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
