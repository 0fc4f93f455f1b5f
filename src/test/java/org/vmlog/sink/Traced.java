package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A main class that ran in a process of its own under strace(1), which may have made its system
 * calls fail or killed it in one. Immutable.
 *
 * @param exit its exit code; 128 and the signal's number when it was killed
 * @param output the lines that it printed
 */
record Traced(int exit, List<String> output, Path trace) {
  private static final String UNFINISHED = " <unfinished ...>";
  private static final Pattern RESUMED = Pattern.compile("\\d+ +<\\.\\.\\. \\w+ resumed>(.*)");

  /**
   * Runs it to its end. Skips the test where there is no strace.
   *
   * @param folder where the trace and its stderr are left
   * @param options strace's
   */
  static Traced run(Path folder, List<String> options, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    Path trace = folder.resolve("trace");
    Path errors = folder.resolve("stderr");
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", trace.toString()));
    command.addAll(options);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData", // a file of its own, which limits on files would keep it from
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(arguments));
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    } catch (IOException e) {
      assumeTrue(false, "strace(1) is missing: " + e.getMessage());
      throw e;
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exit = process.waitFor();
    String said = Files.readString(errors);
    assumeTrue(exit == 0 || !said.contains("ptrace"), "strace(1) may not trace here: " + said);
    assertThat(exit).as(said).isIn(0, 128 + 9);
    return new Traced(exit, output.lines().toList(), trace);
  }

  boolean wasKilled() {
    return exit != 0;
  }

  /**
   * The calls that have one of these in their lines, in the order in which they began. Where
   * another thread calls meanwhile, strace(1) tells a call in two lines; here it is one.
   */
  List<String> calls(String... parts) throws IOException {
    List<String> calls = new ArrayList<>();
    Map<String, Integer> begun = new HashMap<>();
    for (String line : Files.readAllLines(trace)) {
      String thread = line.split(" ", 2)[0];
      Matcher resumed = RESUMED.matcher(line);
      if (line.endsWith(UNFINISHED)) {
        begun.put(thread, calls.size());
        calls.add(line.substring(0, line.length() - UNFINISHED.length()));
      } else if (resumed.matches()) {
        calls.set(begun.get(thread), calls.get(begun.get(thread)) + resumed.group(1));
      } else {
        calls.add(line);
      }
    }
    calls.removeIf(call -> List.of(parts).stream().noneMatch(call::contains));
    return calls;
  }
}
