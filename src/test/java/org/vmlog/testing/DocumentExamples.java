package org.vmlog.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The commands of a document that stand behind a dollar sign, each with what it prints. */
public final class DocumentExamples {
  private static final String PROMPT = "    $ ";
  private static final String INDENT = "    ";

  private DocumentExamples() {}

  /** A command and the lines below it. */
  public record Example(String command, List<String> output) {}

  /** All of a document. */
  public static List<Example> in(Path document) throws IOException {
    List<Example> examples = new ArrayList<>();
    List<String> output = new ArrayList<>();
    for (String line : Files.readAllLines(document, UTF_8)) {
      if (line.startsWith(PROMPT)) {
        output = new ArrayList<>();
        examples.add(new Example(line.substring(PROMPT.length()), output));
      } else if (line.startsWith(INDENT)) {
        output.add(line.substring(INDENT.length()));
      } else {
        output = new ArrayList<>(); // what is indented from now on belongs to no command
      }
    }
    return examples;
  }
}
