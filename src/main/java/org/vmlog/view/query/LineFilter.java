package org.vmlog.view.query;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.vmlog.record.Channel;
import org.vmlog.record.LineView;

/**
 * Which lines are to be shown: those for which all of this holds. Immutable.
 *
 * @param tags any of these; all, if it is empty
 * @param channels likewise
 * @param inverted whether the text must not be there
 */
public record LineFilter(
    SeverityRange severities,
    Optional<Instant> since,
    Optional<Instant> until,
    Set<Tag> tags,
    Set<Channel> channels,
    Optional<TextMatch> text,
    boolean inverted)
    implements Predicate<LineView> {

  /** Every line. */
  public static final LineFilter ALL =
      new LineFilter(
          SeverityRange.ALL,
          Optional.empty(),
          Optional.empty(),
          Set.of(),
          Set.of(),
          Optional.empty(),
          false);

  private static final long MICROS = 1_000_000;

  @Override
  public boolean test(LineView line) {
    return severities.holds(line.severity())
        && since.map(time -> line.micros() >= micros(time)).orElse(true)
        && until.map(time -> line.micros() <= micros(time)).orElse(true)
        && (channels.isEmpty() || ofChannel(line))
        && (tags.isEmpty() || tags.stream().anyMatch(tag -> tag.is(line)))
        && text.map(match -> match.holds(line) != inverted).orElse(true);
  }

  private boolean ofChannel(LineView line) {
    Channel channel = line.channel();
    return channel != null && channels.contains(channel);
  }

  /** What no line that passes is without, if there is such a thing. */
  public Optional<Needle> needle() {
    return inverted ? Optional.empty() : text.flatMap(TextMatch::needle);
  }

  private static long micros(Instant time) {
    return time.getEpochSecond() * MICROS + time.getNano() / 1000;
  }
}
