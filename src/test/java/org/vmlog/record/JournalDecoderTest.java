package org.vmlog.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Seed;

class JournalDecoderTest {
  private static final long NOW = 1_772_366_400;
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(NOW));
  private static final SourceLabel WEB = SourceLabel.vm("alice", "web", 7);

  private final JournalDecoder decoder = new JournalDecoder(CLOCK);
  private final LogEntry entry = new LogEntry();
  private final LineRenderer renderer =
      new LineRenderer(LineFormat.RFC3164, ScrubMode.STANDARD, ZoneOffset.UTC, 2);

  /** What was found, as lines; what is no record by its step's name. */
  private List<String> decode(byte[] stream, int piece) throws MalformedStreamException {
    List<String> found = new ArrayList<>();
    for (int at = 0; at < stream.length; at += piece) {
      decoder.feed(stream, at, Math.min(piece, stream.length - at));
      for (StreamDecoder.Step step = decoder.next(entry);
          step != StreamDecoder.Step.MORE;
          step = decoder.next(entry)) {
        found.add(shown(step));
      }
    }
    return found;
  }

  private String shown(StreamDecoder.Step step) {
    if (step != StreamDecoder.Step.RECORD && step != StreamDecoder.Step.CUT_RECORD) {
      return step.name();
    }
    LineBuffer line = new LineBuffer(300_000);
    assertThat(renderer.render(entry, decoder.channel(), WEB, line)).isTrue();
    return new String(line.bytes(), 0, line.position() - 1, UTF_8);
  }

  private List<String> decode(String stream) throws MalformedStreamException {
    return decode(stream.getBytes(ISO_8859_1), 1 << 20);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = JournalDecoderTest.class.getResourceAsStream("/streams/" + name)) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  @Test
  void next_bootOfAGuest_isTheWrittenOutLines() throws Exception {
    List<String> expected = new String(resource("journald-262-boot.log"), UTF_8).lines().toList();

    for (int piece : new int[] {1 << 20, 4096, 7, 1}) {
      assertThat(decode(resource("journald-262-boot.export"), piece)).isEqualTo(expected);
      assertThat(decoder.end()).isFalse();
      assertThat(decoder.heldBytes()).isZero();
    }
  }

  @Test
  void next_fieldsInAnyFormAndOrder_areOneLine() throws Exception {
    assertThat(
            decode(
                "MESSAGE\n\3\0\0\0\0\0\0\0a\nb\nPRIORITY\n\1\0\0\0\0\0\0\0003\n_COMM=sh\n"
                    + "_PID=12\n__REALTIME_TIMESTAMP=1772366401000000\n\n"))
        .containsExactly("<11>Mar  1 12:00:01 web sh[12]: a#012b");
  }

  @Test
  void next_repeatedFields_firstCounts() throws Exception {
    assertThat(
            decode(
                "MESSAGE=\nMESSAGE=b\nPRIORITY=3\nPRIORITY=4\nSYSLOG_IDENTIFIER=a\nSYSLOG_IDENTIFIER=b\n\n"))
        .containsExactly("<11>Mar  1 12:00:00 web a: ");
  }

  @Test
  void next_withoutFields_hasDefaults() throws Exception {
    assertThat(decode("MESSAGE=m\n\n\n\nPRIORITY=1\n\nMESSAGE=n\nPRIORITY=8\n_PID=3\n\n"))
        .containsExactly("<14>Mar  1 12:00:00 web m", "SILENT", "<14>Mar  1 12:00:00 web n");
  }

  @Test
  void next_kernelOnlyByFacilityZero_andAtItsOwnTime() throws Exception {
    String times =
        "_SOURCE_MONOTONIC_TIMESTAMP=1000000\n__MONOTONIC_TIMESTAMP=5000000\n"
            + "__REALTIME_TIMESTAMP=1772366404000000\n";
    assertThat(
            decode(
                "_TRANSPORT=kernel\nSYSLOG_FACILITY=0\nSYSLOG_IDENTIFIER=kernel\nMESSAGE=k\n"
                    + times
                    + "\n_TRANSPORT=kernel\nSYSLOG_FACILITY=1\nMESSAGE=by root\n"
                    + times
                    + "\n_TRANSPORT=syslog\nSYSLOG_FACILITY=0\nMESSAGE=a program\n"
                    + times
                    + "\n"))
        .containsExactly(
            "<6>Mar  1 12:00:00 web kernel: k",
            "<14>Mar  1 12:00:00 web by root",
            "<14>Mar  1 12:00:04 web a program");
  }

  @Test
  void next_timesThatAreNone_areNow() throws Exception {
    for (String time : List.of("", "-1", "1e9", "9999999999999999999", "1 ", "x".repeat(100))) {
      assertThat(decode("MESSAGE=m\n__REALTIME_TIMESTAMP=" + time + "\n\n"))
          .containsExactly("<14>Mar  1 12:00:00 web m");
    }
  }

  @Test
  void next_illFormedUtf8InText_isKeptAsContent() throws Exception {
    assertThat(decode("MESSAGE=caf\u00e9 \u007f\n\n"))
        .containsExactly("<14>Mar  1 12:00:00 web caf\ufffd #177");
  }

  @Test
  void next_namesOfTheHost_areNotLookedAt() throws Exception {
    assertThat(decode("_HOSTNAME=db\n_MACHINE_ID=1\n_BOOT_ID=2\nMESSAGE=m\n\n"))
        .containsExactly("<14>Mar  1 12:00:00 web m");
  }

  @Test
  void next_messageOf20Mb_isCutAndCostsNoMore() throws Exception {
    byte[] head = "MESSAGE\n\0\0\100\1\0\0\0\0".getBytes(ISO_8859_1); // 0x1400000
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    stream.writeBytes(head);
    byte[] block = "\u20ac".repeat(1 << 18).getBytes(UTF_8);
    for (int left = 0x1400000; left > 0; left -= block.length) {
      stream.write(block, 0, Math.min(left, block.length));
    }
    stream.writeBytes("\n\nMESSAGE=next\n\n".getBytes(ISO_8859_1));

    byte[] bytes = stream.toByteArray();
    List<String> found = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += 32_768) {
      decoder.feed(bytes, at, Math.min(32_768, bytes.length - at));
      for (StreamDecoder.Step step = decoder.next(entry);
          step != StreamDecoder.Step.MORE;
          step = decoder.next(entry)) {
        found.add(step + shown(step).substring(20));
      }
      assertThat(decoder.heldBytes()).isLessThanOrEqualTo(70_000);
    }
    // 65 536 bytes are 21 845 characters, and one byte of the next.
    assertThat(found)
        .containsExactly("CUT_RECORDweb " + "\u20ac".repeat(21_845) + "#[cut]", "RECORDweb next");
  }

  @Test
  void next_lengthBeyond63Bits_isUnsigned() throws Exception {
    byte[] head = "MESSAGE=m\nX\n\0\0\0\0\0\0\0\200".getBytes(ISO_8859_1);

    assertThat(decode(head, 5)).isEmpty();
    assertThat(decode(new byte[1 << 16], 1000)).isEmpty();
    assertThat(decoder.heldBytes()).isLessThan(100);
    assertThat(decoder.end()).isTrue();
  }

  @Test
  void next_badSyntax_isRefused() {
    for (String bad :
        List.of(
            "=x\n",
            "message=x\n",
            "A B=x\n",
            "\u00c4=x\n",
            "X".repeat(65) + "=x\n",
            "GET / HTTP/1.1\r\n",
            "X\n\1\0\0\0\0\0\0\0ab\n")) {
      for (int piece : new int[] {1, 1000}) {
        JournalDecoder fresh = new JournalDecoder(CLOCK);
        assertThatThrownBy(
                () -> {
                  byte[] bytes = bad.getBytes(ISO_8859_1);
                  for (int at = 0; at < bytes.length; at += piece) {
                    fresh.feed(bytes, at, Math.min(piece, bytes.length - at));
                    fresh.next(entry);
                  }
                })
            .as(bad)
            .isInstanceOf(MalformedStreamException.class);
      }
    }
  }

  @Test
  void next_nameOf64Bytes_isOne() throws Exception {
    assertThat(decode((("X".repeat(64) + "=x\nMESSAGE=m\n\n").getBytes(ISO_8859_1)), 1))
        .containsExactly("<14>Mar  1 12:00:00 web m");
  }

  @Test
  void shed_unfinishedEntry_isLostAndTheNextIsNot() throws Exception {
    assertThat(decode("MESSAGE=" + "x".repeat(50_000))).isEmpty();
    assertThat(decoder.heldBytes()).isGreaterThanOrEqualTo(50_000);
    decoder.shed();
    assertThat(decoder.heldBytes()).isZero();
    assertThat(decode("x".repeat(50_000) + "\nPRIORITY=3\n\nMESSAGE=m\n\n"))
        .containsExactly("LOST", "<14>Mar  1 12:00:00 web m");
  }

  @Test
  void end_withinAnEntry_isUnfinished() throws Exception {
    for (String begun : List.of("M", "MESSAGE=", "MESSAGE=m\n", "X\n", "X\n\1\0")) {
      JournalDecoder fresh = new JournalDecoder(CLOCK);
      fresh.feed(begun.getBytes(ISO_8859_1), 0, begun.length());
      assertThat(fresh.next(entry)).isEqualTo(StreamDecoder.Step.MORE);
      assertThat(fresh.end()).as(begun).isTrue();
    }
    assertThat(new JournalDecoder(CLOCK).end()).isFalse();
  }

  @Test
  void next_randomStreams_asTheReferenceReadsThem() {
    Random random = Seed.random("JournalDecoderTest.random");
    for (int round = 0; round < 400; round++) {
      byte[] stream = anyStream(random);
      int largest = 1 + random.nextInt(random.nextBoolean() ? 20 : 5000);
      ReferenceJournal expected = new ReferenceJournal(stream, NOW);
      ReferenceJournal seen =
          ReferenceJournal.decoded(stream, NOW, () -> 1 + random.nextInt(largest));
      assertThat(seen.entries).as("round %d", round).isEqualTo(expected.entries);
      assertThat(seen.malformed).isEqualTo(expected.malformed);
      assertThat(seen.unfinished).isEqualTo(expected.unfinished);
    }
  }

  private static final List<String> NAMES =
      List.of(
          "MESSAGE",
          "MESSAGE",
          "PRIORITY",
          "SYSLOG_FACILITY",
          "SYSLOG_IDENTIFIER",
          "SYSLOG_PID",
          "_PID",
          "_COMM",
          "_TRANSPORT",
          "_SOURCE_REALTIME_TIMESTAMP",
          "_SOURCE_MONOTONIC_TIMESTAMP",
          "__REALTIME_TIMESTAMP",
          "__MONOTONIC_TIMESTAMP",
          "_HOSTNAME",
          "MESSAGE_ID",
          "_CMDLINE");

  private static byte[] anyStream(Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int entries = random.nextInt(6); entries > 0; entries--) {
      for (int fields = random.nextInt(14); fields > 0; fields--) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        byte[] value = anyValue(random, name);
        boolean binary = random.nextInt(3) == 0 || new String(value, ISO_8859_1).contains("\n");
        ReferenceJournal.put(out, name, value, binary);
      }
      out.write('\n');
    }
    byte[] stream = out.toByteArray();
    if (random.nextInt(4) == 0 && stream.length > 0) {
      stream = Arrays.copyOf(stream, random.nextInt(stream.length));
    }
    if (random.nextInt(8) == 0 && stream.length > 0) {
      stream[random.nextInt(stream.length)] = (byte) random.nextInt(256);
    }
    return stream;
  }

  private static byte[] anyValue(Random random, String name) {
    return switch (random.nextInt(5)) {
      case 0 -> new byte[0];
      case 1 -> Long.toString(random.nextLong() >>> (1 + random.nextInt(60))).getBytes(ISO_8859_1);
      case 2 -> "kernel".getBytes(ISO_8859_1);
      case 3 -> Integer.toString(random.nextInt(9)).getBytes(ISO_8859_1);
      default -> {
        byte[] bytes = new byte[random.nextInt(name.equals("MESSAGE") ? 6000 : 40)];
        random.nextBytes(bytes);
        yield bytes;
      }
    };
  }
}
