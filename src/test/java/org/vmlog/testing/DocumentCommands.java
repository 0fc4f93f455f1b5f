package org.vmlog.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The commands that a document shows, as somebody would type them who follows it. */
public final class DocumentCommands {
  private static final String INDENT = "    ";

  private DocumentCommands() {}

  /**
   * The indented lines that begin with one of these words; one that ends in a backslash goes on.
   */
  public static List<String> in(Path document, List<String> words) throws IOException {
    List<String> commands = new ArrayList<>();
    StringBuilder command = new StringBuilder();
    for (String line : Files.readAllLines(document)) {
      boolean begins = line.startsWith(INDENT) && words.stream().anyMatch(line.strip()::startsWith);
      if (!command.isEmpty() || begins) {
        command.append(line.strip()).append('\n');
        if (!line.endsWith("\\")) {
          commands.add(command.toString());
          command.setLength(0);
        }
      }
    }
    return commands;
  }
}
