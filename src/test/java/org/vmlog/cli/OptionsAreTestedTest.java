package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** No option of a command that looks at logs is without a test that types it. */
class OptionsAreTestedTest {
  private static final Path TESTS = Path.of("src/test/java/org/vmlog");
  private static final Set<String> PICOCLIS = Set.of("-h", "--help", "-V", "--version");

  @Test
  void options_areTypedByTests() throws IOException {
    String tests = sources();
    List<String> missing = new ArrayList<>();
    CommandLine line = VmlogCommand.commandLine(Session.ofProcess());
    for (CommandLine command : Set.copyOf(line.getSubcommands().values())) {
      if (!(command.getCommand() instanceof LogsCommand)) {
        continue;
      }
      for (OptionSpec option : command.getCommandSpec().options()) {
        for (String name : option.names()) {
          Pattern typed = Pattern.compile("[\"; ]" + name + (name.length() == 2 ? "" : "\\b"));
          if (!PICOCLIS.contains(name) && !typed.matcher(tests).find()) {
            missing.add(command.getCommandName() + " " + name);
          }
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static String sources() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path folder : List.of(TESTS.resolve("cli"), TESTS.resolve("acceptance"))) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(path -> path.toString().endsWith("Test.java")).toList()) {
          all.append(Files.readString(file));
        }
      }
    }
    return all.toString();
  }
}
