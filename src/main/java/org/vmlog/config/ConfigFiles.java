package org.vmlog.config;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of one program's configuration: one, and then every {@code *.toml} of a directory
 * beside it, in the order of their names. A later file overrides single keys of earlier ones and
 * adds its tables of an array to theirs. Hidden files are an editor's, not ours. Thread-safe.
 */
final class ConfigFiles {
  private ConfigFiles() {}

  /**
   * Reads a file that was asked for, and what is beside it.
   *
   * @param dropIns the name of the directory
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if a file is there and cannot be read
   */
  static List<TomlFile> read(Path file, String dropIns, ConfigErrors errors) throws IOException {
    List<TomlFile> files = new ArrayList<>();
    files.add(TomlFile.read(file, errors));
    addDropIns(files, file.resolveSibling(dropIns), errors);
    return files;
  }

  /** The same for a default file, which may be missing. */
  static List<TomlFile> readDefault(Path file, String dropIns, ConfigErrors errors)
      throws IOException {
    List<TomlFile> files = new ArrayList<>();
    try {
      files.add(TomlFile.read(file, errors));
    } catch (NoSuchFileException e) {
      // Everything has a default.
    }
    addDropIns(files, file.resolveSibling(dropIns), errors);
    return files;
  }

  private static void addDropIns(List<TomlFile> files, Path directory, ConfigErrors errors)
      throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "[!.]*.toml")) {
      stream.forEach(found::add);
    } catch (NoSuchFileException e) {
      return;
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    found.sort(null);
    for (Path file : found) {
      files.add(TomlFile.read(file, errors));
    }
  }
}
