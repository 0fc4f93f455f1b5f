package org.vmlog.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.vmlog.config.ForwarderConfigFuzzTest;
import org.vmlog.lifecycle.dbus.ConciergeSignalsFuzzTest;
import org.vmlog.record.ConsoleDecoderFuzzTest;
import org.vmlog.record.JournalDecoderFuzzTest;
import org.vmlog.record.LineRendererFuzzTest;
import org.vmlog.record.RequestCursorFuzzTest;
import org.vmlog.record.ScrubberFuzzTest;
import org.vmlog.record.SyslogFramesFuzzTest;
import org.vmlog.record.SyslogParserFuzzTest;
import org.vmlog.testing.ProcessFacts;

/**
 * Fuzzes the targets with Jazzer, one after the other, each in a process of its own, in rounds
 * until they have had as much of a processor as was asked for. What a target has found is below
 * {@code target/fuzz}: {@code NAME/inputs}, which the next run goes on from; {@code NAME.hex}, the
 * fewest of them that reach as much, to be kept as the corpus; and {@code NAME/crash-*} with what
 * broke the property.
 *
 * <p>Arguments: how many CPU seconds in all; then, if not all targets, parts of their names.
 */
public final class Fuzz {
  private static final List<Class<?>> TARGETS =
      List.of(
          RequestCursorFuzzTest.class,
          ScrubberFuzzTest.class,
          LineRendererFuzzTest.class,
          JournalDecoderFuzzTest.class,
          SyslogParserFuzzTest.class,
          ConciergeSignalsFuzzTest.class,
          ForwarderConfigFuzzTest.class,
          ConsoleDecoderFuzzTest.class,
          SyslogFramesFuzzTest.class);

  private static final long SHORTEST_SLICE = 10;

  private Fuzz() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 0) {
      System.err.println("usage: Fuzz SECONDS [TARGET...]");
      System.exit(64);
    }
    List<String> wanted = List.of(args).subList(1, args.length);
    List<Class<?>> targets =
        TARGETS.stream()
            .filter(t -> wanted.isEmpty() || wanted.stream().anyMatch(t.getName()::contains))
            .toList();
    long wantedCpu = Long.parseLong(args[0]);
    ProcessFacts self = new ProcessFacts(ProcessHandle.current().pid());
    double cpu = 0;
    List<String> broken = new ArrayList<>();
    while (cpu < wantedCpu && broken.isEmpty()) {
      long slice = Math.max(SHORTEST_SLICE, (long) (wantedCpu - cpu) / targets.size());
      for (Class<?> target : targets) {
        fuzz(Corpus.of(target), target, slice, broken);
      }
      cpu = self.childrensCpuSeconds();
    }
    System.out.printf(
        "Fuzz: %.0f CPU seconds over %d targets, %s%n",
        cpu, targets.size(), broken.isEmpty() ? "nothing found" : "FOUND by " + broken);
    if (!broken.isEmpty()) {
      System.out.println("The inputs are target/fuzz/NAME/crash-*");
      System.exit(1);
    }
  }

  private static void fuzz(Corpus corpus, Class<?> target, long seconds, List<String> broken)
      throws IOException, InterruptedException {
    System.out.println("== " + corpus.name() + ", " + seconds + " s");
    Path folder = Path.of("target", "fuzz", corpus.name()).toAbsolutePath();
    Path inputs = folder.resolve("inputs");
    corpus.unpack(inputs);
    if (jazzer(target, folder, "-max_total_time=" + seconds, inputs.toString()) != 0) {
      broken.add(corpus.name());
      return;
    }
    Path fewest = emptied(folder.resolve("fewest"));
    int exit = jazzer(target, folder, "-merge=1", fewest.toString(), inputs.toString());
    if (exit != 0) {
      throw new IOException("merging the inputs of " + corpus.name() + " ended with " + exit);
    }
    Path packed = folder.resolveSibling(corpus.name() + ".hex");
    System.out.println(Corpus.pack(fewest, packed) + " inputs: " + packed);
  }

  private static int jazzer(Class<?> target, Path folder, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-da:org.tomlj...", // as in the build, see the pom
                "-XX:+UseSerialGC",
                "-cp",
                absoluteClassPath(),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.getName(),
                "--instrumentation_includes=org.vmlog.**",
                // What the code is compared with: slow with, and of no interest to the search.
                "--instrumentation_excludes=org.vmlog.record.ReferenceScrubber"
                    + File.pathSeparator
                    + "org.vmlog.record.StrictUnscrubber",
                "--custom_hook_excludes=org.assertj.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-timeout=60",
                "-print_final_stats=1"));
    command.addAll(List.of(arguments));
    // In its folder, where Jazzer leaves what it works with.
    return new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start().waitFor();
  }

  private static String absoluteClassPath() {
    return String.join(
        File.pathSeparator,
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .toList());
  }

  private static Path emptied(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    return folder;
  }
}
