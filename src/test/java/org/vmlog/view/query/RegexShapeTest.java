package org.vmlog.view.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.record.LineParser;
import org.vmlog.record.LineView;
import org.vmlog.record.YearRecovery;
import org.vmlog.testing.Seed;
import org.vmlog.testing.ShellCommand;

class RegexShapeTest {
  @TempDir Path folder;

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
        "abc+def;cdef",
        "abc+d;abc",
        "ab{2}cde;bcde",
        "x{0}abc;abc",
        "abc{,3}d;abc{,3}d",
        "[abc]needle;needle",
        "[^]]needle;needle",
        "v=[^], ]+;v=",
        "x😀?;x",
        "[^]0-9];''",
        "[]a]bc;bc",
        "[[:alpha:]]bc;bc",
        "[a[b]cd;cd",
        "[a\\]]cd;cd",
        "[a-z&&[b]]cd;]cd",
        "(group)rest;grouprest",
        "(group)+rest;grouprest",
        "(group)?rest;rest",
        "(?:a|b)rest;rest",
        "(a(b)c)rest;abcrest",
        "(?P<name>abc)d;abcd",
        "(?s)abc.d;abc",
        "1\\.2\\.3;1.2.3",
        "\\bword\\b;word",
        "a\\+b;a+b",
        "\\d+ms;ms",
        "one|other;''",
        "(?i)case;''",
        "(?-i:case);''",
        "\\Qa.b\\E;''",
        "\\x41bc;''",
        "\\p{Lu}bc;''",
        "[open;''",
        "a)b;''",
        "x*;''",
        "a\uFFFDb;a",
        "'';''",
      })
  void required_ofEachKind_isTheLongestThatMustBeThere(String regex, String literal) {
    assertThat(RegexShape.of(regex).required()).isEqualTo(literal);
  }

  @Test
  void plain_isWhatMeansNothingElse() {
    assertThat(RegexShape.isPlain("a-b c/d=\"e\"")).isTrue();
    for (String regex : "\\ ^ $ . | ? * + ( ) [ ] { }".split(" ")) {
      assertThat(RegexShape.isPlain("a" + regex)).as(regex).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a{1000}){1000}",
        "((a{100}){100}){100}",
        "(?:x{0,1000}){0,6}",
        "(([a-z]{1000})+){9}",
        "[[](a{1000}){1000}",
        "\\Q[\\E(a{1000}){1000}]",
        "\\x{41}(a{1000}){1000}",
        "(a{999999999999}){2}",
      })
  void regex_thatIsTooLargeWrittenOut_isRefusedBeforeItIsCompiled(String regex) {
    assertThatThrownBy(() -> TextMatch.regex(regex, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "regular expression \""
                + regex
                + "\": too large; allowed are 5000 characters when its repeats are written out,"
                + " and groups 250 deep");
  }

  @Test
  void regex_ofTooManyGroups_isRefused() {
    for (int deep : new int[] {251, 5_000, 30_000}) {
      String regex = "(".repeat(deep) + "a" + ")".repeat(deep);
      assertThatThrownBy(() -> TextMatch.regex(regex, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("groups 250 deep");
    }
    assertThat(TextMatch.regex("(".repeat(250) + "a" + ")".repeat(250), false).isIn("cab"))
        .isTrue();
  }

  /** The largest that are allowed go as deep into RE2/J as any, on a stack as vmlog's are. */
  @Test
  void regex_ofTheLargestThatAreAllowed_isCompiledAndFinds() throws InterruptedException {
    List<Throwable> failures = new ArrayList<>();
    Runnable work =
        () -> {
          for (String regex :
              List.of("(a?){1000}", "((a*)?){700}", "(a?|b?){700}", "a{1000}", "\\x{41}{1000}")) {
            TextMatch match = TextMatch.regex(regex, false);
            boolean unused = match.isIn("ab".repeat(6000));
          }
        };
    Thread thread = new Thread(null, work, "stack of vmlog's", 2 << 20);
    thread.setUncaughtExceptionHandler((failed, e) -> failures.add(e));
    thread.start();
    thread.join();
    assertThat(failures).isEmpty();
  }

  @Test
  void regex_thatIsWrong_saysWhatAndWhere() {
    assertThatThrownBy(() -> TextMatch.regex("a(?=b)", false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "regular expression \"a(?=b)\": invalid or unsupported Perl syntax, at \"(?=\"");
    assertThatThrownBy(() -> TextMatch.any(List.of("a", "b)(c"), false, true, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("regular expression \"b)(c\": ");
  }

  /** Lines are passed over by what must be there, and found by the whole: both have to agree. */
  @Test
  void match_ofRandomExpressions_isThatOfThePlainMatcher() {
    Random random = Seed.random("match_ofRandomExpressions_isThatOfThePlainMatcher");
    String[] more = {
      "\\b",
      "\\w",
      "\\+",
      "*?",
      "(?:",
      "(?i)",
      "(?s:",
      "\\Qa\\E",
      "\\x61",
      "\\x{61}",
      "\\pL",
      "[[:alpha:]]",
      "[\\]a]",
      "é",
      "(?P<n>",
      "{1,}",
      "{2}?",
      "\\pé",
      "^*"
    };
    int compiled = 0;
    int found = 0;
    for (int i = 0; i < 100_000; i++) {
      String regex = regex(random, more);
      Pattern plain;
      try {
        plain = Pattern.compile(regex);
      } catch (PatternSyntaxException e) {
        continue;
      }
      compiled++;
      LineView line = line(text(random));
      boolean there = plain.matcher(line.content()).find();
      found += there ? 1 : 0;
      assertThat(TextMatch.regex(regex, false).holds(line))
          .as("%s in %s", regex, line.content())
          .isEqualTo(there);
      assertThat(RegexShape.of(regex).size()).as(regex).isGreaterThan(plain.programSize() / 8);
    }
    assertThat(compiled).isGreaterThan(10_000);
    assertThat(found).isGreaterThan(1_000);
  }

  /** What both know means the same to both. */
  @Test
  void match_ofRandomExpressions_isThatOfGrep() throws Exception {
    assumeTrue(ShellCommand.exists("grep"), "grep is missing");
    Random random = Seed.random("match_ofRandomExpressions_isThatOfGrep");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      texts.add(text(random));
    }
    Path file = Files.write(folder.resolve("texts"), texts);
    int compiled = 0;
    for (int i = 0; i < 300; i++) {
      String regex = regex(random, new String[] {"[^],; ]", "[]a]", "é?", "[[:punct:]]"});
      TextMatch match;
      try {
        match = TextMatch.regex(regex, false);
      } catch (IllegalArgumentException e) {
        continue;
      }
      if (regex.matches("[|].*|.*[|]|.*([(|][|)]|[$^][*+?{]|[*+?}][?]).*")) {
        continue; // POSIX leaves open what nothing means, how often a place is, and what is lazy
      }
      compiled++;
      String found =
          texts.stream().filter(text -> match.holds(line(text))).collect(Collectors.joining("\n"));
      String said =
          new ShellCommand()
              .with("LC_ALL", "C.UTF-8")
              .with("REGEX", regex)
              .run("grep -E -e \"$REGEX\" " + file + " || :");
      assertThat(said.strip()).as(regex).isEqualTo(found.strip());
    }
    assertThat(compiled).isGreaterThan(30);
  }

  @Test
  void any_ofSeveralWords_marksThoseThatStandAlone() {
    TextMatch words = TextMatch.any(List.of("foo", "b.r"), false, true, false);
    java.util.BitSet marked = new java.util.BitSet();
    words.mark("foo foo bar food xbar b_r", marked);
    assertThat(marked).hasToString("{0, 1, 2, 4, 5, 6, 8, 9, 10, 22, 23, 24}");
    assertThat(TextMatch.any(List.of("-f"), true, true, false).isIn("tar -f x")).isTrue();
    assertThat(TextMatch.any(List.of("-f"), true, true, false).isIn("tar x-f")).isFalse();
    assertThat(TextMatch.any(List.of("a.b", "c"), true, false, true).isIn("axb A.B")).isTrue();
  }

  private static String regex(Random random, String[] more) {
    String[] parts = {
      "a", "b", "ab", "ba", ".", "*", "+", "?", "{2}", "{0,1}", "(", ")", "[ab]", "[^a]", "|",
      "\\.", "^", "$", "]", "-"
    };
    StringBuilder regex = new StringBuilder();
    for (int part = random.nextInt(8); part >= 0; part--) {
      boolean common = random.nextInt(3) > 0;
      regex.append(
          common ? parts[random.nextInt(parts.length)] : more[random.nextInt(more.length)]);
    }
    return regex.toString();
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder("x");
    for (int c = random.nextInt(12); c > 0; c--) {
      text.append("abbaa.+-]é,".charAt(random.nextInt(11)));
    }
    return text.toString();
  }

  private static LineView line(String content) {
    byte[] bytes =
        ("<14>Nov 21 11:00:00 v " + content).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return new LineParser(new YearRecovery(ZoneOffset.UTC, Instant.parse("2026-11-21T12:00:00Z")))
        .parse(bytes, 0, bytes.length)
        .copy();
  }
}
