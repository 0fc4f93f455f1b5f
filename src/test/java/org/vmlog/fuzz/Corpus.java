package org.vmlog.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.vmlog.testing.Seed;

/**
 * The inputs of one target that are kept: those that a fuzzer found to reach different code, and
 * those that once showed a bug. A text file beside this class, one input a line in hexadecimal;
 * {@code #} begins a comment. Immutable.
 */
public final class Corpus {
  private static final Comparator<String> SHORTEST_FIRST =
      Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

  private final String name;
  private final List<byte[]> inputs;

  private Corpus(String name, List<byte[]> inputs) {
    this.name = name;
    this.inputs = inputs;
  }

  /** The corpus of a target: {@code FooFuzzTest}'s is {@code Foo.hex}. */
  public static Corpus of(Class<?> target) throws IOException {
    String name = target.getSimpleName().replaceFirst("FuzzTest$", "");
    try (InputStream in = Corpus.class.getResourceAsStream(name + ".hex")) {
      if (in == null) {
        throw new IOException("no corpus " + name + ".hex beside " + Corpus.class);
      }
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      return new Corpus(
          name,
          lines
              .lines()
              .filter(line -> !line.startsWith("#"))
              .map(HexFormat.of()::parseHex)
              .toList());
    }
  }

  String name() {
    return name;
  }

  /** Checks every input, and then so many mutants; their seed can be set with vmlog.seed. */
  public void check(FuzzTarget target, int mutants) {
    for (byte[] input : inputs) {
      check(target, input);
    }
    Mutator mutator = new Mutator(inputs, Seed.random(name + ".hex"));
    for (int i = 0; i < mutants; i++) {
      check(target, mutator.next());
    }
  }

  private void check(FuzzTarget target, byte[] input) {
    try {
      target.check(input);
    } catch (Throwable e) {
      throw new AssertionError(
          "an input to be added to " + name + ".hex: " + HexFormat.of().formatHex(input), e);
    }
  }

  /** Writes each input to a file of its own, as fuzzers want them. */
  void unpack(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (int i = 0; i < inputs.size(); i++) {
      Files.write(folder.resolve("kept-" + i), inputs.get(i));
    }
  }

  /** Writes the files of a folder as a corpus, the shortest first. */
  static int pack(Path folder, Path corpus) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> lines = files.map(Corpus::hex).sorted(SHORTEST_FIRST).toList();
      Files.write(corpus, lines);
      return lines.size();
    }
  }

  private static String hex(Path file) {
    try {
      return HexFormat.of().formatHex(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
