package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;

/**
 * Every command line of this project's programs that a document or a manual page's source shows is
 * one that the program takes. It is read by the program's own parser, and done by nobody: what such
 * lines do is other tests' matter.
 */
final class CommandsInDocumentsTest {
  private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$");
  private static final Pattern BLOCK =
      Pattern.compile("(?m)^    (?:[$#] )?(\\S.*(?:(?<=\\\\)\n.*)*)$");
  private static final Pattern INLINE = Pattern.compile("`([^`\n]+)`");

  /** One command of a line of the shell's: what stands between its operators. */
  private static final Pattern COMMAND =
      Pattern.compile("(?:[^\\s|;&<>()#'\"]|'[^']*'|\"[^\"]*\"|[ \t]|(?<=\\S)#)+");

  private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"]|'[^']*'|\"[^\"]*\")+");

  /** In the place of what the reader is to fill in. */
  private static final String ANYTHING = "…";

  @Test
  void commandLines_ofAllDocuments_areTakenByTheirPrograms() throws IOException {
    List<String> refused = new ArrayList<>();
    int taken = 0;
    for (Path document : documents()) {
      String text = FENCED.matcher(Files.readString(document)).replaceAll("");
      for (Pattern pattern : List.of(BLOCK, INLINE)) {
        for (List<String> command : commands(pattern, text)) {
          try {
            parse(command, pattern == INLINE);
            taken++;
          } catch (ParameterException e) {
            refused.add(document + ": " + String.join(" ", command) + ": " + e.getMessage());
          }
        }
      }
    }
    assertThat(refused).isEmpty();
    assertThat(taken).isGreaterThan(100);
  }

  @Test
  void commands_ofADocument_areThoseOfItsBlocksAndItsText() {
    String text =
        """
        Text with `vmlog ls -s` and `logs.sync`.

            $ vmlog -n 1 'a b' | wc -l; vmlog grep x    # and more
            apt install vmlog; FOO=1 vm-syslog \\
              --host "x y" &
            a line that says vmlog
        """;
    assertThat(commands(INLINE, text)).containsExactly(List.of("vmlog", "ls", "-s"));
    assertThat(commands(BLOCK, text))
        .containsExactly(
            List.of("vmlog", "-n", "1", "a b"),
            List.of("vmlog", "grep", "x"),
            List.of("vm-syslog", "--host", "x y"));
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> documents = Files.list(Path.of("docs"))) {
      return Stream.concat(documents, Stream.of(Path.of("README.md")))
          .filter(path -> path.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  private static List<List<String>> commands(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(match -> match.group(1).replaceAll("\\\\\n\\s*", " "))
        .map(line -> line.replaceAll("\\s\\d?>\\S+|(^|\\s)#.*", ""))
        .flatMap(line -> COMMAND.matcher(line).results())
        .map(match -> words(match.group()))
        .filter(words -> !words.isEmpty() && program(words.get(0)) != null)
        .toList();
  }

  /** Without what the shell takes away: quotes, and variables that are set in front. */
  private static List<String> words(String command) {
    List<String> words =
        WORD.matcher(command)
            .results()
            .map(MatchResult::group)
            .map(word -> word.replaceAll("'([^']*)'|\"([^\"]*)\"", "$1$2"))
            .toList();
    int first = 0;
    while (first < words.size() && words.get(first).matches("[A-Z_]+=.*")) {
      first++;
    }
    return words.subList(first, words.size());
  }

  private static void parse(List<String> command, boolean isInText) {
    CommandLine program = program(command.get(0));
    String[] arguments = command.subList(1, command.size()).toArray(String[]::new);
    if (command.get(0).equals("vmlog")) {
      arguments = VmlogCommand.withCommand(program.getSubcommands().keySet(), arguments);
    }
    boolean isName = arguments.length == 0 || Arrays.asList(arguments).contains(ANYTHING);
    if (!isName) {
      try {
        program.parseArgs(arguments);
      } catch (MissingParameterException e) {
        if (!isInText) {
          throw e; // the text may speak of a command alone
        }
      }
    }
  }

  private static CommandLine program(String name) {
    Object command =
        switch (name) {
          case "vmlog-forwarder" -> new ForwarderCommand();
          case "vmlog-realmd" -> new RealmdCommand();
          case "vmlog-ship" -> new VmlogShipCommand();
          case "vm-syslog" -> new VmSyslogCommand();
          default -> null;
        };
    if (name.equals("vmlog")) {
      return VmlogCommand.commandLine();
    }
    return command == null ? null : new CommandLine(command).setExpandAtFiles(false);
  }
}
