package org.vmlog.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vmlog.doctor.Doctor;
import org.vmlog.doctor.Finding;
import org.vmlog.doctor.Finding.Level;
import org.vmlog.platform.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vmlog doctor}: says what is wrong with this host, and what to do. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Look whether everything is there that the forwarder needs, and say what to do.",
      "",
      "A line for each check: ok; note, for what is worth knowing or cannot be told; wrong, for"
          + " what keeps logs from coming or from being seen, with what to do about it. Nothing is"
          + " changed. Root is told the most."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:nothing is wrong", "1:something is wrong", "64:wrong usage"})
final class DoctorCommand implements Callable<Integer> {
  private static final int WRONG = 1;

  private final Session session;
  private final Path root;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The forwarder's configuration. Default: /etc/vmlog/forwarder.toml if there is one.")
  private @Nullable Path config;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text; or json, one object a line. Default: ${DEFAULT-VALUE}.")
  private OutputFormat output = OutputFormat.text;

  /** Looks at what is below a folder, as at a host. */
  DoctorCommand(Session session, Path root) {
    this.session = session;
    this.root = root;
  }

  @Override
  public Integer call() {
    Map<String, Finding> found =
        new Doctor(root, session.clock()).examine(Optional.ofNullable(config));
    print(found, output, Optional.ofNullable(spec).orElseThrow().commandLine().getOut());
    return found.values().stream().anyMatch(finding -> finding.level() == Level.WRONG)
        ? WRONG
        : ExitCode.OK;
  }

  /** What it would print of this host. */
  static String report(Session session) {
    StringWriter text = new StringWriter();
    print(
        new Doctor(Path.of("/"), session.clock()).examine(Optional.empty()),
        OutputFormat.text,
        new PrintWriter(text));
    return text.toString();
  }

  private static void print(Map<String, Finding> found, OutputFormat output, PrintWriter out) {
    if (output == OutputFormat.json) {
      found.forEach((check, finding) -> out.println(Json.of(object(check, finding))));
    } else {
      TextTable table = new TextTable();
      found.forEach((check, finding) -> table.row(word(finding), check, Shown.text(text(finding))));
      table.print(out, 0);
    }
    out.flush();
  }

  private static String text(Finding finding) {
    return finding.advice().isEmpty() ? finding.what() : finding.what() + "; " + finding.advice();
  }

  private static Map<String, Object> object(String check, Finding finding) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("check", check);
    object.put("level", word(finding));
    object.put("found", finding.what());
    object.put("advice", finding.advice());
    return object;
  }

  private static String word(Finding finding) {
    return finding.level().name().toLowerCase(Locale.ROOT);
  }
}
