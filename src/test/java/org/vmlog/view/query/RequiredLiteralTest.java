package org.vmlog.view.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.testing.Seed;

class RequiredLiteralTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "plain;plain",
        "GET /orders/.* 200;GET /orders/",
        "a.longer;longer",
        "^begin;begin",
        "end$;end",
        "opt?ional;ional",
        "colou?r;colo",
        "ab*cde;cde",
        "abc+def;abc",
        "ab{2}cde;cde",
        "[abc]needle;needle",
        "[^]]needle;needle",
        "(group)rest;rest",
        "(a(b)c)rest;rest",
        "1\\.2\\.3;1.2.3",
        "\\bword\\b;word",
        "a\\+b;a+b",
        "one|other;''",
        "(?i)case;''",
        "\\Qa.b\\E;''",
        "\\d+ms;''",
        "\\x41bc;''",
        "\\p{Lu}bc;''",
        "[a[b]]cd;''",
        "[a\\]]cd;''",
        "[a-z&&[b]]cd;''",
        "[open;''",
        "x*;''",
        "'';''",
      })
  void literal_ofEachKind_isTheLongestThatMustBeThere(String regex, String literal) {
    assertThat(RequiredLiteral.of(regex)).isEqualTo(literal);
  }

  @Test
  void plain_isWhatMeansNothingElse() {
    assertThat(RequiredLiteral.isPlain("a-b c/d=\"e\"")).isTrue();
    for (String regex : "\\ ^ $ . | ? * + ( ) [ ] { }".split(" ")) {
      assertThat(RequiredLiteral.isPlain("a" + regex)).as(regex).isFalse();
    }
  }

  /** Whatever an expression finds holds its literal, or lines would be passed over. */
  @Test
  void literal_ofRandomExpressions_isInAllThatTheyFind() {
    Random random = Seed.random("RequiredLiteralTest");
    String[] parts = {
      "a", "b", "ab", "ba", ".", "*", "+", "?", "{2}", "{0,1}", "(", ")", "[ab]", "[^a]", "|",
      "\\b", "\\.", "\\w", "\\+", "^", "$", "*?", "(?:", "]", "-", "\\Qa\\E"
    };
    int found = 0;
    for (int i = 0; i < 50_000; i++) {
      StringBuilder regex = new StringBuilder();
      for (int part = random.nextInt(7); part >= 0; part--) {
        regex.append(parts[random.nextInt(parts.length)]);
      }
      String literal = RequiredLiteral.of(regex.toString());
      Pattern pattern;
      try {
        pattern = Pattern.compile(regex.toString());
      } catch (PatternSyntaxException e) {
        continue;
      }
      StringBuilder text = new StringBuilder();
      for (int c = random.nextInt(12); c > 0; c--) {
        text.append("abbaa.+-".charAt(random.nextInt(8)));
      }
      Matcher matcher = pattern.matcher(text);
      if (matcher.find()) {
        found++;
        assertThat(matcher.group()).as("what %s finds in %s", regex, text).contains(literal);
      }
    }
    assertThat(found).isGreaterThan(1000);
  }
}
