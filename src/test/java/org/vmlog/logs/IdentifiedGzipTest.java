package org.vmlog.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentifiedGzipTest {
  @TempDir Path temp;

  @Test
  void gzip_anyContent_isReadByOthersToo() throws Exception {
    Random random = new Random(1);
    for (int bytes : new int[] {0, 1, 100, 1 << 16, 300_000}) {
      byte[] content = new byte[bytes];
      random.nextBytes(content);
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (OutputStream gzip = new IdentifiedGzip(packed, 1 << 10, -2, bytes)) {
        gzip.write(content);
      }
      assertThat(new GZIPInputStream(new ByteArrayInputStream(packed.toByteArray())).readAllBytes())
          .isEqualTo(content);
      assertThat(head(packed.toByteArray())).contains(new IdentifiedGzip.Head(-2, bytes));
      Path file = Files.write(temp.resolve("x.gz"), packed.toByteArray());
      Process test = new ProcessBuilder("gzip", "-t", file.toString()).inheritIO().start();
      assertThat(test.waitFor()).isZero();
    }
  }

  @Test
  void head_otherSubfieldsOrNone_findsOursOnly() throws IOException {
    String head = "1f8b0804000000000003";
    assertThat(
            head(
                head
                    + "1a00"
                    + "5858"
                    + "0200"
                    + "ffff"
                    + "564d"
                    + "1000"
                    + "0700000000000000"
                    + "0900000000000000"))
        .contains(new IdentifiedGzip.Head(7, 9));
    assertThat(head(head + "0600" + "5858" + "0200" + "ffff")).isEmpty();
    assertThat(head(head + "0600" + "564d" + "0200" + "ffff")).isEmpty();
    assertThat(head(head + "0600" + "564d" + "ffff" + "ffff")).isEmpty();
    assertThat(head(head + "0000")).isEmpty();
    assertThat(head("1f8b0800000000000003")).isEmpty();
    assertThatThrownBy(() -> head(head + "0600" + "56")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> head("1f")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> head("504b0304000000000000")).isInstanceOf(IOException.class);
  }

  private static Optional<IdentifiedGzip.Head> head(String hex) throws IOException {
    return head(HexFormat.of().parseHex(hex));
  }

  private static Optional<IdentifiedGzip.Head> head(byte[] gzip) throws IOException {
    return IdentifiedGzip.head(new ByteArrayInputStream(gzip));
  }
}
