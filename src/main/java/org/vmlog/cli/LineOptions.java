package org.vmlog.cli;

import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.Stack;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.Channel;
import org.vmlog.view.From;
import org.vmlog.view.query.LineFilter;
import org.vmlog.view.query.SeverityRange;
import org.vmlog.view.query.Tag;
import org.vmlog.view.query.TextMatch;
import org.vmlog.view.query.TimeSpec;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options that say which lines are meant, of all commands that show lines. */
final class LineOptions {
  @Option(
      names = {"-S", "--since"},
      paramLabel = "TIME",
      order = 20,
      description =
          "Lines of then and later: 5m and \"2 hours ago\" from now, \"2026-11-21 18:17\", 18:17"
              + " today, yesterday; as journalctl has it. The time is the one in the line, which"
              + " the guest has chosen.")
  private @Nullable String since;

  @Option(
      names = {"-U", "--until"},
      paramLabel = "TIME",
      order = 21,
      description = "Lines of then and earlier.")
  private @Nullable String until;

  @Option(
      names = {"-p", "--priority"},
      paramLabel = "LEVEL",
      order = 22,
      description =
          "Lines as severe as this and worse; or FROM..TO, as in warning..err. Levels are emerg,"
              + " alert, crit, err, warning, notice, info, debug, or 0 to 7.")
  private @Nullable String priority;

  @Option(
      names = {"-t", "--tag"},
      paramLabel = "TAG",
      order = 23,
      description = "Lines of this program, as sshd; may be given more than once.")
  private List<String> tags = List.of();

  @Option(
      names = {"-k", "--kernel"},
      order = 24,
      description = "Lines of the guest's kernel; the same as --channel=kernel.")
  private boolean kernel;

  @Option(
      names = "--console",
      order = 24,
      description = "Lines of the machine's console; the same as --channel=console.")
  private boolean console;

  @Option(
      names = "--channel",
      paramLabel = "CHANNEL",
      split = ",",
      order = 25,
      description =
          "Lines that came from there: kernel and user, the guest's; console, what the"
              + " machine prints there; vmm, its monitor's; forwarder, what is said about dropped"
              + " lines. More than one with commas.")
  private List<String> channels = List.of();

  @Option(
      names = {"-b", "--boot"},
      paramLabel = "N",
      arity = "0..1",
      parameterConsumer = StartNumber.class,
      order = 26,
      description =
          "Lines of one start of each VM: of the latest; with -1, of the one before it; with 1, of"
              + " the oldest that is there. A start is known where somebody announced it.")
  private @Nullable Integer start;

  /** Takes the next word if that is a number: the others are VMs' names. */
  private static final class StartNumber implements IParameterConsumer {
    private static final Pattern NUMBER = Pattern.compile("[-+]?\\d{1,6}");

    @Override
    public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
      boolean number = !words.isEmpty() && NUMBER.matcher(words.peek()).matches();
      option.setValue(number ? Integer.valueOf(words.pop()) : Integer.valueOf(0));
    }
  }

  /** Where to begin, unless the command has something else to say of that. */
  From from() {
    return start == null ? new From.Beginning() : new From.Start(start, Integer.MAX_VALUE);
  }

  /** Which start is meant, as {@link From.Start} has it. */
  Optional<Integer> start() {
    return Optional.ofNullable(start);
  }

  /** What to show; the text is the command's own. */
  LineFilter filter(Session session, Optional<TextMatch> text, boolean inverted) {
    TimeSpec times = new TimeSpec(session.clock().instant(), session.zone());
    Optional<Instant> from = Optional.ofNullable(since).map(times::parse);
    Optional<Instant> to = Optional.ofNullable(until).map(times::parse);
    if (from.isPresent() && to.isPresent() && to.get().isBefore(from.get())) {
      throw new IllegalArgumentException(
          "--until=%s; allowed is a time after that of --since=%s".formatted(until, since));
    }
    return new LineFilter(
        priority == null ? SeverityRange.ALL : SeverityRange.parse(priority),
        from,
        to,
        tags.stream().map(Tag::new).collect(Collectors.toCollection(LinkedHashSet::new)),
        channels(),
        text,
        inverted);
  }

  private Set<Channel> channels() {
    Set<Channel> meant = EnumSet.noneOf(Channel.class);
    for (String name : channels) {
      try {
        meant.add(Channel.valueOf(name.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "channel \"%s\"; allowed are kernel, user, console, vmm and forwarder".formatted(name),
            e);
      }
    }
    if (kernel) {
      meant.add(Channel.KERNEL);
    }
    if (console) {
      meant.add(Channel.CONSOLE);
    }
    return meant;
  }

  /** Whether a time says where to begin or to end. */
  boolean areTimed() {
    return since != null || until != null;
  }

  boolean haveEnd() {
    return until != null;
  }
}
