package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.vmlog.fuzz.Corpus;
import org.vmlog.fuzz.FuzzInput;

/**
 * Any record of any source in any format: one line of valid UTF-8 without control characters, with
 * a head that only the host has a say in and the scrubbed content behind it; all of it or nothing
 * where room is short; cut lines within their limit and on a boundary.
 */
public class LineRendererFuzzTest {
  private static final int MUTANTS = 20_000;
  private static final int MAX_CONTENT = 2_500;
  private static final int LONGEST_UNIT = 12;

  private static final String BSD_TIME = "[A-Z][a-z]{2} [ 123]\\d \\d\\d:\\d\\d:\\d\\d ";
  private static final String RFC3339_TIME =
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}[+-]\\d\\d:\\d\\d";
  private static final String HOST = "[A-Za-z0-9._-]{1,63}";
  private static final String TAG = "(?:VM\\(\\d{1,20}\\)|" + HOST + "): ";
  private static final String KERNEL = "(?:kernel: )?";
  private static final Pattern RFC3164 =
      Pattern.compile("<(\\d{1,3})>" + BSD_TIME + HOST + " " + KERNEL);
  private static final Pattern SYSLOG = Pattern.compile("<(\\d{1,3})>" + BSD_TIME + TAG + KERNEL);
  private static final Pattern CHROMEOS = Pattern.compile(BSD_TIME + "<(\\d{1,3})>  " + TAG);
  private static final Pattern RFC5424 =
      Pattern.compile(
          ("<(\\d{1,3})>1 TIME HOST - - - "
                      + "\\[vm@32473 owner=\"OWNER\" cid=\"\\d{1,20}\" channel=\"CHANNEL\" received=\"TIME\"\\] ")
                  .replace("TIME", RFC3339_TIME)
                  .replace("HOST", HOST)
                  .replace("OWNER", "(?:[^\"\\\\\\]]|\\\\[\"\\\\\\]])*")
                  .replace("CHANNEL", "(?:kernel|user|vmm|forwarder|console)")
              + KERNEL);

  @Test
  void render_anyRecord_isOneLine() throws Exception {
    Corpus.of(getClass()).check(LineRendererFuzzTest::fuzzerTestOneInput, MUTANTS);
  }

  public static void fuzzerTestOneInput(byte[] bytes) throws CharacterCodingException {
    FuzzInput input = new FuzzInput(bytes);
    LineFormat format = input.oneOf(LineFormat.values());
    ScrubMode mode = input.oneOf(ScrubMode.values());
    int maxSeverity = input.below(8);
    LineRenderer renderer =
        new LineRenderer(
            format,
            mode,
            ZoneId.of(input.oneOf("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns")),
            maxSeverity);
    renderer.received(input.nextLong(), input.nextInt());
    Channel channel = input.oneOf(Channel.values());
    SourceLabel label = label(input);
    int severity = input.below(8);
    long seconds = input.nextLong();
    int nanos = input.nextInt();
    int maxLine = LineRenderer.MIN_CUT_BYTES + 4 * input.nextByte();
    int repeats = input.nextByte();
    byte[] content = repeat(input.rest(), repeats);
    byte[] array = new byte[content.length + 2];
    Arrays.fill(array, (byte) 0x80); // would continue a sequence that the content's end cuts
    System.arraycopy(content, 0, array, 1, content.length);
    LogEntry entry = new LogEntry().set(severity, seconds, nanos, array, 1, content.length);
    LogEntry empty = new LogEntry().set(severity, seconds, nanos, array, 1, 0);

    byte[] whole = render(renderer, entry, channel, label, 1 << 16);
    byte[] head = render(renderer, empty, channel, label, LineRenderer.MIN_CUT_BYTES);
    head = Arrays.copyOf(head, head.length - 1);
    assertOneLine(whole, mode);
    Matcher matcher = head(format).matcher(new String(head, UTF_8));
    assertThat(matcher.matches()).as("head %s", matcher).isTrue();
    assertThat(matcher.group(1))
        .isEqualTo(String.valueOf(pri(format, channel, severity, maxSeverity)));
    assertThat(whole).startsWith(head);
    byte[] body = Arrays.copyOfRange(whole, head.length, whole.length - 1);
    byte[] shown =
        format != LineFormat.CHROMEOS && content.length > 0 && content[0] == ' '
            ? Arrays.copyOfRange(content, 1, content.length)
            : content;
    if (mode == ScrubMode.STANDARD) {
      assertThat(body).isEqualTo(ReferenceScrubber.standard(shown));
    } else {
      assertThat(StrictUnscrubber.unscrub(new String(body, UTF_8))).isEqualTo(shown);
    }
    assertAllOrNothing(renderer, entry, channel, label, whole);

    LineBuffer out = new LineBuffer(maxLine);
    assertThat(renderer.renderCut(entry, channel, label, maxLine, out)).isTrue();
    byte[] cut = Arrays.copyOf(out.bytes(), out.position());
    if (whole.length <= maxLine) {
      assertThat(cut).isEqualTo(whole);
      return;
    }
    assertOneLine(cut, mode);
    byte[] mark = "#[cut, %d bytes]\n".formatted(content.length).getBytes(UTF_8);
    assertThat(cut).endsWith(mark).hasSizeGreaterThan(maxLine - LONGEST_UNIT);
    assertThat(whole).startsWith(Arrays.copyOf(cut, cut.length - mark.length));
  }

  private static SourceLabel label(FuzzInput input) {
    return switch (input.below(4)) {
      case 0 -> SourceLabel.vm(input.nextText(), input.nextText(), input.nextLong());
      case 1 -> SourceLabel.anonymous(input.nextLong());
      case 2 -> SourceLabel.component(input.nextText());
      default -> SourceLabel.hostUser(input.nextInt());
    };
  }

  private static byte[] repeat(byte[] piece, int times) {
    byte[] out = Arrays.copyOf(piece, Math.min(MAX_CONTENT, piece.length * (times + 1)));
    for (int at = piece.length; at < out.length; at++) {
      out[at] = out[at - piece.length];
    }
    return out;
  }

  private static byte[] render(
      LineRenderer renderer, LogEntry entry, Channel channel, SourceLabel label, int capacity) {
    LineBuffer out = new LineBuffer(capacity);
    assertThat(renderer.render(entry, channel, label, out)).isTrue();
    return Arrays.copyOf(out.bytes(), out.position());
  }

  private static void assertAllOrNothing(
      LineRenderer renderer, LogEntry entry, Channel channel, SourceLabel label, byte[] whole) {
    LineBuffer out = new LineBuffer(3 + whole.length);
    out.put("ab\n".getBytes(UTF_8));
    assertThat(renderer.render(entry, channel, label, out)).isTrue();
    assertThat(Arrays.copyOfRange(out.bytes(), 3, out.position())).isEqualTo(whole);
    // The line that did not fit is the next buffer's first, as a long request is rendered.
    assertThat(renderer.render(entry, channel, label, out)).isFalse();
    assertThat(out.position()).isEqualTo(3 + whole.length);

    LineBuffer small = new LineBuffer(whole.length - 1);
    assertThat(renderer.render(entry, channel, label, small)).isFalse();
    assertThat(small.position()).isZero();
    assertThat(small.remaining()).isEqualTo(whole.length - 1);
  }

  private static void assertOneLine(byte[] line, ScrubMode mode) throws CharacterCodingException {
    String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
    assertThat(text).endsWith("\n");
    String content = text.substring(0, text.length() - 1);
    assertThat(content.codePoints().noneMatch(Character::isISOControl)).isTrue();
    if (mode == ScrubMode.STRICT) {
      String withoutOwner = content.replaceFirst("owner=\"(?:[^\"\\\\]|\\\\.)*\"", "");
      assertThat(withoutOwner.codePoints().noneMatch(Deception::isPossible)).isTrue();
    }
  }

  private static int pri(LineFormat format, Channel channel, int severity, int maxSeverity) {
    return switch (format) {
      case RFC3164, RFC5424 -> 8 * channel.facility() + severity;
      case CHROMEOS -> 8 + severity;
      case SYSLOG -> 8 + Math.max(severity, maxSeverity);
    };
  }

  private static Pattern head(LineFormat format) {
    return switch (format) {
      case RFC3164 -> RFC3164;
      case RFC5424 -> RFC5424;
      case CHROMEOS -> CHROMEOS;
      case SYSLOG -> SYSLOG;
    };
  }
}
