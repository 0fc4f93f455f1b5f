package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code make bench}: what a record costs, end to end, beside other log servers. Arguments: {@code
 * --quick} for a run of seconds, which shows that everything runs and every line is written, {@code
 * --rounds N}, {@code --only TEXT} for the cases and sizes whose name begins so, or latency or
 * scale, {@code --flood} for what a VM that floods costs the others and nothing else, {@code
 * --program PATH} for another build of the forwarder than the one in target.
 */
final class Bench {
  private static final String PROGRAM = "target/vmlog/bin/vmlog-forwarder";
  private static final String ROUNDS = "5";

  private Bench() {}

  public static void main(String[] args) throws Exception {
    List<String> arguments = List.of(args);
    boolean quick = arguments.contains("--quick");
    int rounds = Integer.parseInt(option(arguments, "--rounds", quick ? "1" : ROUNDS));
    Path program = Path.of(option(arguments, "--program", PROGRAM)).toAbsolutePath();
    Path folder = Files.createTempDirectory("vmlog-bench");
    if (arguments.contains("--flood")) {
      new Flood(folder).run(program);
    } else {
      VmlogServer.Program vmlog = VmlogServer.Program.installed(program);
      String only = option(arguments, "--only", "");
      List<Target> targets = new ArrayList<>();
      Comparison comparison = new Comparison(vmlog, folder, rounds, quick);
      comparison.run(only);
      if (comparison.hasRun()) {
        System.out.println(comparison.table());
      }
      targets.addAll(comparison.targets());
      if ("latency".startsWith(only)) {
        Latency latency = new Latency(vmlog, folder, rounds, quick);
        latency.run();
        System.out.println(latency.table());
        targets.addAll(latency.targets());
      }
      Scale scale = new Scale(vmlog, folder, rounds, quick);
      scale.run(only);
      if (scale.hasRun()) {
        System.out.println(scale.table());
      }
      targets.addAll(scale.targets());
      System.out.print(Target.table(targets));
    }
    delete(folder); // a run that failed leaves its files, to be looked at
  }

  private static String option(List<String> arguments, String name, String otherwise) {
    int at = arguments.indexOf(name);
    return at < 0 ? otherwise : arguments.get(at + 1);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
