package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine;

/** Runs {@code vmlog} in this process, at a time and with an environment of the test's own. */
final class VmlogRun {
  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private final Map<String, String> environment = new HashMap<>();
  private InstantSource clock = InstantSource.fixed(NOW);
  private ZoneId zone = ZoneOffset.UTC;
  private boolean terminal;
  private OutputStream broken = OutputStream.nullOutputStream();

  /** What came of it. */
  record Result(int code, String out, String err) {}

  VmlogRun(Path folder) {
    environment.put("VMLOG_DIRECTORY", folder.toString());
    environment.put("TERM", "xterm");
  }

  VmlogRun with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Another of the same. */
  VmlogRun copy() {
    VmlogRun copy = new VmlogRun(Path.of(environment.get("VMLOG_DIRECTORY")));
    copy.environment.putAll(environment);
    copy.terminal = terminal;
    return copy;
  }

  VmlogRun onTerminal() {
    terminal = true;
    return this;
  }

  VmlogRun inZone(ZoneId other) {
    zone = other;
    return this;
  }

  VmlogRun withClock(InstantSource other) {
    clock = other;
    return this;
  }

  /** What is printed goes there as well, and fails as that does. */
  VmlogRun toOutput(OutputStream output) {
    broken = output;
    return this;
  }

  Result run(String... arguments) {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            broken.write(b);
            printed.write(b);
          }

          @Override
          public void write(byte[] bytes, int from, int length) throws IOException {
            broken.write(bytes, from, length);
            printed.write(bytes, from, length);
          }
        };
    Stdout stdout = new Stdout(out);
    StringWriter err = new StringWriter();
    Session session = new Session(stdout, terminal, environment, zone, clock);
    CommandLine line = VmlogCommand.commandLine(session);
    line.setErr(new PrintWriter(err, true));
    int code =
        stdout.run(line, VmlogCommand.withCommand(line.getSubcommands().keySet(), arguments));
    return new Result(code, printed.toString(UTF_8), err.toString());
  }
}
