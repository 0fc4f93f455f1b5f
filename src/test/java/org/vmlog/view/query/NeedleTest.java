package org.vmlog.view.query;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.testing.Seed;

class NeedleTest {
  @ParameterizedTest
  @CsvSource({
    "a,a,0",
    "a,b,-1",
    "ab,xxab,2",
    "ab,xxa,-1",
    "needle,hay needle hay,4",
    "needle,needl needle,6",
    "aaa,aabaaa,3",
    "long needle,short,-1",
    "x,aaaaaaaaaaaaaaaaaaaaaaax,23",
    "zq,azazazazazazazazazazazzq,22",
  })
  void find_inShortTexts_isTheFirstPlace(String needle, String text, int place) {
    assertThat(find(needle, text, 0, text.length())).isEqualTo(place);
  }

  @Test
  void find_withinBounds_looksAtNothingElse() {
    String text = "needle needle needle";
    assertThat(find("needle", text, 1, 20)).isEqualTo(7);
    assertThat(find("needle", text, 7, 13)).isEqualTo(7);
    assertThat(find("needle", text, 7, 12)).isEqualTo(-1);
    assertThat(find("needle", text, 8, 19)).isEqualTo(-1);
    assertThat(find("needle", text, 20, 20)).isEqualTo(-1);
  }

  @Test
  void needle_ofNothing_isRefused() {
    assertThatThrownBy(() -> new Needle(new byte[0])).hasMessage("nothing to look for");
    assertThat(new Needle(new byte[] {1, 2, 3}).length()).isEqualTo(3);
  }

  /** Few different bytes, high ones and zero among them, so that nearly every place looks right. */
  @Test
  void find_inRandomTexts_isWhereStringsFindIt() {
    Random random = Seed.random("NeedleTest");
    char[] alphabet = {'a', 'b', ' ', 0, 0x80, 0xFF, 0x7F, 1};
    for (int i = 0; i < 20_000; i++) {
      int letters = 1 + random.nextInt(alphabet.length);
      String text = random(random, alphabet, letters, random.nextInt(80));
      String needle = random(random, alphabet, letters, 1 + random.nextInt(6));
      int from = random.nextInt(text.length() + 1);
      int to = from + random.nextInt(text.length() - from + 1);
      int place = text.substring(0, to).indexOf(needle, from);
      assertThat(find(needle, text, from, to))
          .as("%s in %s from %d to %d", needle, text, from, to)
          .isEqualTo(place);
    }
  }

  private static String random(Random random, char[] alphabet, int letters, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(alphabet[random.nextInt(letters)]);
    }
    return text.toString();
  }

  private static int find(String needle, String text, int from, int to) {
    return new Needle(needle.getBytes(ISO_8859_1)).find(text.getBytes(ISO_8859_1), from, to);
  }
}
