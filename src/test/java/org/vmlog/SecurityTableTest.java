package org.vmlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents name tests as proofs; what they name has to exist. */
class SecurityTableTest {
  @Test
  void tests_namedInTheDocuments_exist() throws IOException {
    Set<String> tests;
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      tests =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith("Test.java"))
              .map(name -> name.replace(".java", ""))
              .collect(Collectors.toSet());
    }
    List<String> named =
        Pattern.compile("`([A-Z]\\w*Test)`")
            .matcher(Files.readString(Path.of("docs/security.md")))
            .results()
            .map(match -> match.group(1))
            .distinct()
            .toList();

    assertThat(named).hasSizeGreaterThan(20);
    assertThat(tests).containsAll(named);
  }

  @Test
  void methods_namedInTheComparisonWithFuchsia_areTests() throws IOException {
    String document = Files.readString(Path.of("docs/attribution.md"));
    List<MatchResult> named =
        Pattern.compile("`([A-Z]\\w*Test)#(\\w+)`").matcher(document).results().toList();
    assertThat(named).hasSizeGreaterThan(20);
    for (MatchResult each : named) {
      try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
        Path file =
            files.filter(path -> path.endsWith(each.group(1) + ".java")).findFirst().orElseThrow();
        assertThat(Files.readString(file))
            .containsPattern("@(Parameterized)?Test\\s[^}]*? void " + each.group(2) + "\\(");
      }
    }
    List<String> rows =
        document
            .lines()
            .dropWhile(line -> !line.equals("| there | here | shown by |"))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .toList();
    assertThat(rows).hasSize(16).allMatch(row -> row.matches(".*\\| `\\w+Test#.*` \\|"));
  }

  /** No promise is without a test. */
  @Test
  void rows_ofEveryTableWithProofs_nameATest() throws IOException {
    List<String> unproved = new ArrayList<>();
    int rows = 0;
    boolean proofs = false;
    for (String line : Files.readAllLines(Path.of("docs/security.md"))) {
      if (!line.startsWith("|")) {
        proofs = false;
      } else if (line.endsWith("| proved by |")) {
        proofs = true;
      } else if (proofs && !line.startsWith("|--")) {
        rows++;
        if (!line.matches(".*\\| `[A-Z]\\w*Test`(, `[A-Z]\\w*Test`)* \\|")) {
          unproved.add(line);
        }
      }
    }
    assertThat(unproved).isEmpty();
    assertThat(rows).isGreaterThan(40);
  }
}
