package org.vmlog.ship.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.ship.Batch;
import org.vmlog.ship.HostFacts;
import org.vmlog.ship.LogSource;
import org.vmlog.testing.Seed;

class SyslogEncoderTest {
  private static final Pattern MESSAGE =
      Pattern.compile(
          "<14>1 \\S+ (\\S+) - - - \\[vm@32473 (.*?) id=\"([^\"]*)\"(?: part=\"(\\d+)/(\\d+)\")?] (.*)",
          Pattern.DOTALL);

  /** Lengths, characters of each size, and bytes that are none. */
  @ParameterizedTest
  @ValueSource(ints = {2048, 2049, 8192})
  void encode_anyLine_noMessageIsLongerAndPiecesAreTheLine(int most) throws Exception {
    Random random = Seed.random("SyslogEncoderTest");
    for (int round = 0; round < 200; round++) {
      byte[] content = content(random, random.nextInt(5 * most));
      StringBuilder joined = new StringBuilder();
      List<byte[]> messages = messages(source("alice", "web-1"), content, most);
      for (int at = 0; at < messages.size(); at++) {
        assertThat(messages.get(at).length).isLessThanOrEqualTo(most);
        Matcher message = MESSAGE.matcher(strictly(messages.get(at)));
        assertThat(message.matches()).isTrue();
        assertThat(message.group(1)).isEqualTo("web-1");
        assertThat(message.group(3)).isEqualTo("host-1/alice/web-1/0000000000000007@0");
        assertThat(message.group(4))
            .isEqualTo(messages.size() == 1 ? null : Integer.toString(at + 1));
        joined.append(message.group(6));
      }
      assertThat(joined.toString().getBytes(UTF_8)).isEqualTo(content);
    }
  }

  @Test
  void encode_bytesThatAreNoUtf8_areCutAsTheyAre() {
    byte[] content = new byte[20_000];
    java.util.Arrays.fill(content, (byte) 0x80);
    int bytes = 0;
    for (byte[] message : messages(source("alice", "web-1"), content, 2048)) {
      assertThat(message.length).isLessThanOrEqualTo(2048);
      for (byte one : message) {
        bytes += one == (byte) 0x80 ? 1 : 0;
      }
    }
    assertThat(bytes).isEqualTo(content.length);
  }

  /** A realm may be fifty deep, and each character escaped. */
  @Test
  void encode_longestNames_areShortenedAndTheIdStaysUnique() throws Exception {
    LogSource source =
        new LogSource("r/".repeat(900) + "x", "\"\\]é😀".repeat(400), "n\"".repeat(500));
    List<byte[]> messages = messages(source, "y".repeat(3000).getBytes(UTF_8), 2048);
    assertThat(messages).hasSizeBetween(2, 6);
    for (byte[] message : messages) {
      assertThat(message.length).isLessThanOrEqualTo(2048);
      assertThat(strictly(message)).contains("/0000000000000007@0\" part=");
    }
  }

  @Test
  void encode_localeWithDigitsOfItsOwn_digitsAreThoseOfTheProtocol() throws Exception {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("fa-IR-u-nu-arabext"));
    try {
      assertThat(strictly(messages(source("alice", "web-1"), new byte[] {'x'}, 2048).get(0)))
          .matches(
              "<14>1 [0-9]{4}-03-01T11:00:00.000000Z web-1 - - - \\[vm@32473 owner=\"alice\" name=\"web-1\" channel=\"user\""
                  + " host=\"rack3\" id=\"host-1/alice/web-1/0000000000000007@0\"] x");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void new_lessThanTwoHeads_isRefused() {
    assertThatThrownBy(() -> encoder(2047)).isInstanceOf(IllegalArgumentException.class);
  }

  private static LogSource source(String owner, String name) {
    return new LogSource(owner + "/" + name, owner, name);
  }

  private static byte[] content(Random random, int bytes) {
    String[] characters = {"a", "é", "€", "😀"};
    StringBuilder content = new StringBuilder();
    for (int length = 0; length < bytes; ) {
      String one = characters[random.nextInt(characters.length)];
      content.append(one);
      length += one.getBytes(UTF_8).length;
    }
    return content.toString().getBytes(UTF_8);
  }

  private static String strictly(byte[] message) throws CharacterCodingException {
    return UTF_8.newDecoder().decode(ByteBuffer.wrap(message)).toString();
  }

  private static SyslogEncoder encoder(int most) {
    return new SyslogEncoder(
        new HostFacts("host-1", "rack3"), ZoneOffset.UTC, InstantSource.system(), most);
  }

  /** What a line becomes, taken apart by the lengths in front. */
  private static List<byte[]> messages(LogSource source, byte[] content, int most) {
    byte[] head = "<14>Mar  1 11:00:00 web-1 ".getBytes(UTF_8);
    ByteBuffer line = ByteBuffer.allocate(head.length + content.length + 1);
    line.put(head).put(content).put((byte) '\n');
    Batch batch = new Batch(source, 7, 0, line.array(), line.capacity(), 1);
    ByteBuffer run = ByteBuffer.wrap(encoder(most).encode(batch).get(0));
    List<byte[]> messages = new ArrayList<>();
    while (run.hasRemaining()) {
      int length = 0;
      for (byte digit = run.get(); digit != ' '; digit = run.get()) {
        length = 10 * length + digit - '0';
      }
      byte[] message = new byte[length];
      run.get(message);
      messages.add(message);
    }
    return messages;
  }
}
