package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.cli.VmlogRun.Result;

/** What keeps {@code vmlog web} from serving. */
class WebCommandTest {
  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    ShownLogs.write(folder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--port=70000 | --port 70000; allowed is a number from 0 to 65535",
        "--lines=-1 | -n -1; allowed is a number from 0 to 1000",
      })
  void web_optionOutOfItsRange_isRefused(String option, String message) {
    Result result = new VmlogRun(folder).run("web", option);

    assertThat(result.code()).isEqualTo(64);
    assertThat(result.err()).contains(message);
  }

  @Test
  void web_portInUse_saysSo() throws IOException {
    try (ServerSocket other =
        new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
      Result result = new VmlogRun(folder).run("web", "--port=" + other.getLocalPort());

      assertThat(result.code()).isEqualTo(69);
      assertThat(result.err())
          .contains("port " + other.getLocalPort() + " of 127.0.0.1: Address already in use");
    }
  }

  @Test
  void web_noFolder_saysSo() {
    Result result = new VmlogRun(folder).run("web", "--directory=" + folder.resolve("none"));

    assertThat(result.code()).isEqualTo(66);
  }

  @Test
  void web_tokenFileThatIsNone_saysSo() throws IOException {
    Path file = Files.createFile(folder.resolve("token"));
    Result result = new VmlogRun(folder).run("web", "--token-file=" + file);

    assertThat(result.code()).isEqualTo(74);
    assertThat(result.err()).contains(file.toString());
  }
}
