package org.vmlog.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.OptionalInt;

/** The groups of this host. Thread-safe. */
public final class Groups {
  /** The user whom this process runs as. */
  public static int ownUid() {
    return FolderWalk.OWN_UID;
  }

  private Groups() {}

  /**
   * Finds a group by its name.
   *
   * @throws IOException when there is none of that name; names it
   */
  static GroupPrincipal named(String name) throws IOException {
    try {
      return FileSystems.getDefault()
          .getUserPrincipalLookupService()
          .lookupPrincipalByGroupName(name);
    } catch (UserPrincipalNotFoundException e) {
      throw new IOException(
          "group \"%s\" does not exist; allowed is one that getent(1) knows".formatted(name), e);
    }
  }

  /**
   * The number of a group of this host itself, group(5), unsigned; empty if it has none of that
   * name. Java knows groups by name alone.
   *
   * @throws IOException if the file cannot be read
   */
  public static OptionalInt idOf(String name) throws IOException {
    return idOf(name, Path.of("/etc/group"));
  }

  static OptionalInt idOf(String name, Path file) throws IOException {
    for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      String[] fields = line.split(":", -1);
      if (fields.length > 2 && fields[0].equals(name) && fields[2].matches("\\d{1,10}")) {
        return OptionalInt.of((int) Long.parseLong(fields[2]));
      }
    }
    return OptionalInt.empty();
  }
}
