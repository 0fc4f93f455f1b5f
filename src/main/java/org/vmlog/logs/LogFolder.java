package org.vmlog.logs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder with all logs, in either layout: finds which there are, and opens them. Links are
 * passed over, as the forwarder does it. Thread-safe.
 */
public final class LogFolder {
  private static final String REALMS = "@realms";
  private static final String CHROMEOS_FOLDER = "log";

  private static final Comparator<VmLog> BY_NAME =
      Comparator.comparing((VmLog log) -> log.name().owner())
          .thenComparing(log -> log.name().name());

  private static final int MAX_TRIES = 50;

  private final Path path;
  private final boolean chromeos;
  private final LogFileIds ids;
  private final Problems problems;

  private LogFolder(Path path, boolean chromeos, LogFileIds ids, Problems problems) {
    this.path = path;
    this.chromeos = chromeos;
    this.ids = ids;
    this.problems = problems;
  }

  /**
   * Opens the folder.
   *
   * @throws IOException when it is missing or cannot be listed
   */
  public static LogFolder open(Path path, Problems problems) throws IOException {
    List<Path> unused = list(path);
    return new LogFolder(path, layout(path).equals("chromeos"), LogFileIds.ofAll(path), problems);
  }

  public Path path() {
    return path;
  }

  /** All logs, by owner and name. */
  public List<VmLog> logs() {
    List<VmLog> logs = new ArrayList<>();
    for (Path folder : folders()) {
      logs.addAll(logsIn(folder));
    }
    logs.sort(BY_NAME);
    return logs;
  }

  /** All files that are named like a log's, at any depth and of any layout, in no order. */
  public List<VmLog> logsOfAnyLayout() throws IOException {
    Set<Path> folders = new LinkedHashSet<>();
    for (Path top : list(path)) {
      addTree(top, folders);
    }
    List<VmLog> logs = new ArrayList<>();
    folders.forEach(folder -> logs.addAll(logsIn(folder)));
    return logs;
  }

  /** The folders that logs are in. */
  public Set<Path> folders() {
    Set<Path> folders = new LinkedHashSet<>();
    for (Path top : listOrNothing(path)) {
      String name = top.getFileName().toString();
      if (name.equals(REALMS)) {
        addTree(top, folders);
      } else if (isFolder(top) && !name.startsWith(".")) {
        Path folder = chromeos && !name.startsWith("@") ? top.resolve(CHROMEOS_FOLDER) : top;
        if (folder.equals(top) || isFolder(folder)) {
          folders.add(folder);
        }
      }
    }
    return folders;
  }

  /** As deep as realms may be: a path that is too long cannot be made. */
  private void addTree(Path folder, Set<Path> folders) {
    if (isFolder(folder) && folders.add(folder)) {
      for (Path below : listOrNothing(folder)) {
        addTree(below, folders);
      }
    }
  }

  /** The logs whose files are in this folder. */
  public List<VmLog> logsIn(Path folder) {
    Map<String, List<LogFile>> byStem = new HashMap<>();
    for (Path file : listOrNothing(folder)) {
      LogFile found = LogFile.of(file);
      if (found != null) {
        byStem.computeIfAbsent(found.stem(), missing -> new ArrayList<>()).add(found);
      }
    }
    List<VmLog> logs = new ArrayList<>();
    byStem.forEach((stem, files) -> logs.add(log(folder, stem, files)));
    return logs;
  }

  /** Looks once more at which files a log has. */
  public VmLog again(VmLog log) {
    return logsIn(log.folder()).stream()
        .filter(found -> found.log().equals(log.log()))
        .findFirst()
        .orElseGet(() -> new VmLog(log.name(), log.log(), log.folder(), List.of(), false));
  }

  /**
   * Opens all files of a log that have something in them and can be read, the oldest first, however
   * they are renamed meanwhile. The caller closes them.
   */
  public List<LogText> open(VmLog log) throws IOException {
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      Optional<List<ListedFile>> files = listing().files(log.log(), log.highest());
      List<LogText> opened = new ArrayList<>();
      if (files.isPresent() && open(log, files.get(), opened)) {
        return opened;
      }
    }
    throw new FileSystemException(
        log.current().toString(), null, "is rotated faster than it can be opened");
  }

  /** False, with nothing open, if one has another name by now. */
  private boolean open(VmLog log, List<ListedFile> files, List<LogText> opened) throws IOException {
    for (ListedFile file : files) {
      try {
        LogText text = LogText.open(log.log(), file, ids);
        if (text == null) {
          closeAll(opened);
          return false;
        }
        opened.add(text);
      } catch (ClosedByInterruptException e) {
        closeAll(opened);
        throw e; // nobody waits for this any more
      } catch (IOException e) {
        problems.leftOut(file.path(), e);
      }
    }
    return true;
  }

  /**
   * Opens the file that is written to; null if there is none, or nothing in it that is readable.
   */
  public @Nullable LogText openCurrent(VmLog log) throws IOException {
    try {
      ListedFile current = listing().current(log.log());
      return current == null ? null : LogText.open(log.log(), current, ids);
    } catch (ClosedByInterruptException e) {
      throw e; // nobody waits for this any more
    } catch (IOException e) {
      problems.leftOut(log.current(), e);
      return null;
    }
  }

  private LogListing listing() {
    return new LogListing(path, ids, problems);
  }

  /** Closes files that were opened together. */
  public static void closeAll(List<LogText> files) throws IOException {
    for (LogText file : files) {
      file.close();
    }
  }

  private VmLog log(Path folder, String stem, List<LogFile> files) {
    Path below = path.relativize(folder);
    List<String> parts = new ArrayList<>();
    below.forEach(part -> parts.add(part.toString()));
    LogName name =
        chromeos && !parts.get(0).startsWith("@")
            ? LogName.chromeos(parts.get(0), stem)
            : LogName.plain(below.toString(), stem);
    List<LogFile> there = files.stream().filter(file -> file.number() >= 0).toList();
    return new VmLog(
        name, new LogFileName(parts, stem), folder, there, there.size() < files.size());
  }

  private List<Path> listOrNothing(Path folder) {
    try {
      return list(folder);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of(); // it is gone, or was none
    } catch (IOException e) {
      problems.leftOut(folder, e);
      return List.of();
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(found::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  private static boolean isFolder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** What the forwarder has noted; plain if it has not, or may not be read. */
  private static String layout(Path path) {
    try {
      return new String(Files.readAllBytes(path.resolve(".layout")), US_ASCII).strip();
    } catch (IOException e) {
      return "plain";
    }
  }
}
