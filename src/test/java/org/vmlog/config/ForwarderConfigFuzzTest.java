package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.vmlog.fuzz.Corpus;

/**
 * Any file is a configuration or refused with its errors, a line each. A configuration's
 * description reads back as the same.
 */
public class ForwarderConfigFuzzTest {
  private static final int MUTANTS = 1_000;
  private static final ConfigFolder FOLDER = new ConfigFolder(folder());

  @Test
  void read_anyFile_isAConfigurationOrRefused() throws Exception {
    Corpus.of(getClass()).check(ForwarderConfigFuzzTest::fuzzerTestOneInput, MUTANTS);
  }

  public static void fuzzerTestOneInput(byte[] bytes) throws Exception {
    Files.write(FOLDER.main, bytes);
    ForwarderConfig config;
    try {
      config = FOLDER.read();
    } catch (ConfigException e) {
      assertThat(e.errors()).isNotEmpty();
      assertThat(e.getMessage().lines()).hasSameSizeAs(e.errors());
      return;
    } finally {
      FOLDER.notices.clear();
    }
    FOLDER.main(ConfigDescription.of(config));
    assertThat(FOLDER.read()).isEqualTo(config);
  }

  private static Path folder() {
    try {
      Path folder = Files.createTempDirectory("vmlog-config");
      folder.toFile().deleteOnExit();
      folder.resolve("forwarder.toml").toFile().deleteOnExit(); // first, for it is the last added
      return folder;
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
