package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.vmlog.record.LineFormat;
import org.vmlog.record.RequestException;
import org.vmlog.record.ScrubMode;

/**
 * {@code make bench}: what a record costs, end to end and alone. Arguments: {@code --quick} for a
 * run of seconds, {@code --only TEXT} for the rows whose name begins so, {@code --flood} for what a
 * VM that floods costs the others and nothing else, {@code --program PATH} for another build of the
 * forwarder than the one in target.
 */
final class Bench {
  private static final String PROGRAM = "target/vmlog/bin/vmlog-forwarder";

  private Bench() {}

  public static void main(String[] args) throws Exception {
    List<String> arguments = List.of(args);
    boolean quick = arguments.contains("--quick");
    String prefix = option(arguments, "--only", "");
    Path program = Path.of(option(arguments, "--program", PROGRAM)).toAbsolutePath();
    if (arguments.contains("--flood")) {
      Path folder = Files.createTempDirectory("vmlog-flood");
      new Flood(folder).run(program);
      delete(folder);
      return;
    }
    System.out.print(Table.HEAD);
    for (Scenario scenario : Scenario.ALL) {
      if (scenario.name().startsWith(prefix)) {
        System.out.println(Table.row(run(quick ? scenario.quick() : scenario, program)));
      }
    }
    System.out.print(Table.NOTES);
    if (prefix.isEmpty()) {
      printRecordCost();
    }
  }

  private static String option(List<String> arguments, String name, String otherwise) {
    int at = arguments.indexOf(name);
    return at < 0 ? otherwise : arguments.get(at + 1);
  }

  private static Result run(Scenario scenario, Path program)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("vmlog-bench");
    Result result = new Trial(scenario, folder).run(program);
    delete(folder); // a trial that failed leaves its files, to be looked at
    return result;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void printRecordCost() throws RequestException {
    System.out.println("\nWalk, scrub and render alone, ns a record:");
    for (ScrubMode scrub : ScrubMode.values()) {
      for (LineFormat format : LineFormat.values()) {
        double nanos = new RecordCost(format, scrub).nanosPerRecord();
        System.out.printf(Locale.ROOT, "  %-8s %-8s %4.0f%n", format, scrub, nanos);
      }
    }
  }
}
