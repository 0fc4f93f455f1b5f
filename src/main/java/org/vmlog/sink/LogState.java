package org.vmlog.sink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.vmlog.logs.LogFileIds;
import org.vmlog.logs.LogFileName;
import org.vmlog.platform.PrivateFolder;

/**
 * Where it is kept what is to be known of a log and does not stand in it: below {@code logs} of the
 * state folder, in files named as the log's own are. Immutable, thread-safe.
 *
 * @param directory the state folder
 */
record LogState(Path directory) {
  private static final String FOLDER = LogFileIds.FOLDER;
  private static final Pattern FILE = Pattern.compile("(.+)\\.(ids|streams)(\\.new)?");

  /** The folder of one log's files, as {@link LogFileName#folders} below the state's own. */
  PrivateFolder folder(LogFileName name) throws IOException {
    List<String> folders = new ArrayList<>(List.of(FOLDER));
    folders.addAll(name.folders());
    return PrivateFolder.open(directory, folders);
  }

  /** Which id each of a log's files has that is not compressed: {@link FileIds}. */
  static String ids(LogFileName name) {
    return LogFileIds.file(name);
  }

  static String unfinishedIds(LogFileName name) {
    return ids(name) + ".new";
  }

  /** How far each stream's records stand in the log: {@link StreamJournal}. */
  static String streams(LogFileName name) {
    return name.stem() + ".streams";
  }

  /** Every log of which something is kept. */
  Set<LogFileName> names() throws IOException {
    Path root = directory.resolve(FOLDER);
    if (!Files.exists(root)) {
      return Set.of();
    }
    try (Stream<Path> paths = Files.walk(root)) {
      return paths
          .filter(Files::isRegularFile)
          .map(root::relativize)
          .flatMap(path -> name(path).stream())
          .collect(Collectors.toSet());
    }
  }

  private static Optional<LogFileName> name(Path path) {
    Matcher file = FILE.matcher(path.getFileName().toString());
    Path parent = path.getParent();
    if (parent == null || !file.matches()) {
      return Optional.empty();
    }
    List<String> folders = new ArrayList<>();
    parent.forEach(part -> folders.add(part.toString()));
    return Optional.of(new LogFileName(folders, file.group(1)));
  }

  /** Removes what is kept of a log that is gone. */
  void forget(LogFileName name) throws IOException {
    try (PrivateFolder folder = folder(name)) {
      folder.delete(ids(name));
      folder.delete(unfinishedIds(name));
      folder.delete(streams(name));
    }
  }
}
