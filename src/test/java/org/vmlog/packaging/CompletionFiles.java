package org.vmlog.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.vmlog.cli.ForwarderCommand;
import org.vmlog.cli.RealmdCommand;
import org.vmlog.cli.VmSyslogCommand;
import org.vmlog.cli.VmlogCommand;
import org.vmlog.cli.VmlogShipCommand;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Writes the files from which bash, zsh and fish complete the programs' options, out of what the
 * programs themselves say of them: {@code CompletionFiles FOLDER} makes {@code FOLDER/bash}, {@code
 * zsh} and {@code fish}, each with the names that its shell looks for.
 */
public final class CompletionFiles {
  static final List<CommandLine> PROGRAMS =
      List.of(
          inOrder(VmlogCommand.commandLine()),
          inOrder(new CommandLine(new ForwarderCommand())),
          inOrder(new CommandLine(new RealmdCommand())),
          inOrder(new CommandLine(new VmSyslogCommand())),
          inOrder(new CommandLine(new VmlogShipCommand())));

  private CompletionFiles() {}

  /** The program. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    for (String shell : List.of("bash", "zsh", "fish")) {
      Files.createDirectories(folder.resolve(shell));
    }
    for (CommandLine program : PROGRAMS) {
      String name = program.getCommandName();
      // Without its first line, the name of an interpreter: the file is read, and never run.
      String bash = AutoComplete.bash(name, program).replaceFirst("^#!.*\n", "");
      Files.writeString(folder.resolve("bash").resolve(name), bash);
      // picocli's script knows zsh, too, as soon as zsh knows what it is for.
      Files.writeString(
          folder.resolve("zsh").resolve("_" + name), "#compdef " + name + "\n" + bash);
      Files.writeString(folder.resolve("fish").resolve(name + ".fish"), fish(program));
    }
  }

  /** With its options by their names: reflection has a class's methods in any order. */
  private static CommandLine inOrder(CommandLine program) {
    CommandSpec spec = program.getCommandSpec();
    List<OptionSpec> options =
        spec.options().stream()
            .filter(option -> option.group() == null)
            .sorted(Comparator.comparing(OptionSpec::longestName))
            .toList();
    options.forEach(spec::remove);
    options.forEach(spec::addOption);
    program.getSubcommands().values().forEach(CompletionFiles::inOrder);
    return program;
  }

  static String fish(CommandLine program) {
    StringBuilder script = new StringBuilder();
    String name = program.getCommandName();
    script.append("complete -c ").append(name).append(" -f\n");
    command(script, name, List.of(), program);
    return script.toString();
  }

  /** What can follow a command, and what can follow those that are below it. */
  private static void command(
      StringBuilder script, String program, List<String> path, CommandLine command) {
    Map<String, CommandLine> below = command.getSubcommands();
    String here = condition(path, below.keySet());
    options(script, program, here, command.getCommandSpec());
    below.forEach(
        (word, subcommand) -> {
          line(script, program, here);
          script.append(" -a ").append(word);
          description(script, subcommand.getCommandSpec().usageMessage().description());
          List<String> further = new ArrayList<>(path);
          further.add(word);
          command(script, program, further, subcommand);
        });
  }

  /** That all these words were typed, and none of those. */
  private static String condition(List<String> typed, Set<String> notTyped) {
    String seen = "__fish_seen_subcommand_from ";
    List<String> tests = new ArrayList<>();
    typed.forEach(word -> tests.add(seen + word));
    if (!notTyped.isEmpty()) {
      tests.add("not " + seen + String.join(" ", notTyped));
    }
    return String.join("; and ", tests);
  }

  private static void options(
      StringBuilder script, String program, String condition, CommandSpec spec) {
    for (OptionSpec option : spec.options()) {
      line(script, program, condition);
      for (String name : option.names()) {
        script
            .append(name.startsWith("--") ? " -l " : " -s ")
            .append(name.replaceFirst("^--?", ""));
      }
      if (option.arity().max() > 0) {
        // A value is wanted; where it is a path, any file may be it.
        boolean path = option.paramLabel().matches("FILE|PATH|DIR");
        script.append(path || option.type() == Path.class ? " -r -F" : " -x");
      }
      description(script, option.description());
    }
  }

  private static void line(StringBuilder script, String program, String condition) {
    script.append("complete -c ").append(program);
    if (!condition.isEmpty()) {
      script.append(" -n '").append(condition).append('\'');
    }
  }

  private static void description(StringBuilder script, String[] description) {
    if (description.length > 0) {
      String first = description[0].replaceFirst("(?<=\\.) .*", "");
      script.append(" -d '").append(first.replace("\\", "\\\\").replace("'", "\\'")).append('\'');
    }
    script.append('\n');
  }
}
