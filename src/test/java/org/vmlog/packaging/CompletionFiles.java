package org.vmlog.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.vmlog.cli.ForwarderCommand;
import org.vmlog.cli.RealmdCommand;
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
      List.of(new CommandLine(new ForwarderCommand()), new CommandLine(new RealmdCommand()));

  private CompletionFiles() {}

  /** The program. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    for (String shell : List.of("bash", "zsh", "fish")) {
      Files.createDirectories(folder.resolve(shell));
    }
    for (CommandLine program : PROGRAMS) {
      String name = program.getCommandName();
      String bash = AutoComplete.bash(name, program);
      Files.writeString(folder.resolve("bash").resolve(name), bash);
      // picocli's script knows zsh, too, as soon as zsh knows what it is for.
      Files.writeString(
          folder.resolve("zsh").resolve("_" + name), "#compdef " + name + "\n" + bash);
      Files.writeString(folder.resolve("fish").resolve(name + ".fish"), fish(program));
    }
  }

  static String fish(CommandLine program) {
    StringBuilder script = new StringBuilder();
    String name = program.getCommandName();
    script.append("complete -c ").append(name).append(" -f\n");
    boolean hasCommands = !program.getSubcommands().isEmpty();
    options(script, name, hasCommands ? "__fish_use_subcommand" : "", program.getCommandSpec());
    program
        .getSubcommands()
        .forEach(
            (word, command) -> {
              line(script, name, "__fish_use_subcommand");
              script.append(" -a ").append(word);
              description(script, command.getCommandSpec().usageMessage().description());
              options(
                  script, name, "__fish_seen_subcommand_from " + word, command.getCommandSpec());
            });
    return script.toString();
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
        script.append(option.type() == Path.class ? " -r -F" : " -x");
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
