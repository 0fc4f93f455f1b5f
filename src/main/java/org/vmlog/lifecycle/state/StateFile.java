package org.vmlog.lifecycle.state;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.WholeFile;

/**
 * The state file in its folder. Nobody but this process's user may read it: it names everybody's
 * VMs. Has one user at a time.
 */
final class StateFile {
  static final String NAME = "vms";
  static final String SET_ASIDE = "vms.unreadable";

  private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);
  private static final int MAX_BYTES = 16 << 20;

  private final Path directory;

  StateFile(Path directory) {
    this.directory = directory;
  }

  /**
   * Reads it. One that this version does not understand is set aside under another name, for
   * somebody to look at, and said to be.
   *
   * @throws IOException if the folder or the file cannot be used
   */
  Optional<SavedState> read() throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(directory, List.of())) {
      Optional<byte[]> content = WholeFile.read(folder, NAME, MAX_BYTES);
      try {
        return content.isPresent()
            ? Optional.of(StateReader.parse(content.get()))
            : Optional.empty();
      } catch (StateFormatException e) {
        folder.rename(NAME, SET_ASIDE);
        LOG.warn(
            "{} is not a state file of this version ({}); it is {} now, and VMs announced before"
                + " are known again once they are announced again",
            folder.path(NAME),
            e.getMessage(),
            SET_ASIDE);
        return Optional.empty();
      }
    }
  }

  void write(SavedState state) throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(directory, List.of())) {
      WholeFile.replace(folder, NAME, WholeFile.Readers.OWNER, StateWriter.bytes(state));
    }
  }
}
