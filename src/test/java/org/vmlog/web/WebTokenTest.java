package org.vmlog.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebTokenTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("token");
  }

  @Test
  void random_eachTime_isAnother() {
    assertThat(WebToken.random().toString())
        .matches("[A-Za-z0-9_-]{43}")
        .isNotEqualTo(WebToken.random().toString());
  }

  @Test
  void kept_theFirstTime_isItsOwnersAlone() throws IOException {
    WebToken token = WebToken.kept(file);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(WebToken.kept(file)).hasToString(token.toString());
    assertThat(token.is(token.toString())).isTrue();
    assertThat(token.is(WebToken.random().toString())).isFalse();
    assertThat(token.is("")).isFalse();
  }

  @Test
  void kept_whereOthersCanRead_isRefused() throws IOException {
    WebToken.kept(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

    assertThatThrownBy(() -> WebToken.kept(file))
        .hasMessage(file + ": is open to others, rw-r-----; allowed is rw-------");
  }

  @Test
  void kept_somethingElse_isRefused() throws IOException {
    WebToken.kept(file);
    Files.writeString(file, "secret\n");

    assertThatThrownBy(() -> WebToken.kept(file))
        .hasMessage(file + ": holds no token; remove it, and it is made anew");
  }
}
