package org.vmlog.sink;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.IdentifiedGzip;
import org.vmlog.logs.LogFileIds;
import org.vmlog.logs.LogFileName;
import org.vmlog.platform.FileStat;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.WholeFile;

/**
 * The ids of one log's files. A name means another file after each rotation; an id, random and made
 * with the file, means the same one for as long as there is one, compressed or not, and so does an
 * offset in it.
 *
 * <p>Kept here are those of files that are not compressed, by inode, since that is what a file
 * keeps when it is renamed; a compressed one carries its own, {@link IdentifiedGzip}. As text, a
 * line {@code INODE ID} each, the id in 16 hexadecimal digits. An id that cannot be saved is good
 * until this process ends. Guarded by the lock of the {@link RotatedFiles}.
 */
final class FileIds {
  private static final LimitedLog FAILED = LimitedLog.on(LoggerFactory.getLogger(FileIds.class));
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Of 99 999 rotated files, the most that may be kept, and more. */
  private static final int MAX_BYTES = 8 << 20;

  private final LogState state;
  private final LogFileName name;
  private final RotatedNames names;
  private @Nullable Map<Long, Long> byInode;

  FileIds(LogState state, LogFileName name, RotatedNames names) {
    this.state = state;
    this.name = name;
    this.names = names;
  }

  /**
   * The id of a file, which gets one if it has none.
   *
   * @param highest no rotated file has a higher number
   */
  long of(PrivateFolder folder, String file, int highest) throws IOException {
    Long known = loaded().get(inode(folder, file));
    return known == null ? renew(folder, file, highest) : known;
  }

  /** Gives a file that was just made an id: whatever had its inode before is gone. */
  long renew(PrivateFolder folder, String file, int highest) throws IOException {
    long id = RANDOM.nextLong();
    loaded().put(inode(folder, file), id);
    Set<Long> there = new HashSet<>();
    for (String each : names.allPlain(highest)) {
      FileStat found = folder.stat(each);
      if (found != null) {
        there.add(found.inode());
      }
    }
    save(there);
    return id;
  }

  /** What the file with this id is called; null when there is none that is not compressed. */
  @Nullable String nameOf(PrivateFolder folder, long id, int highest) throws IOException {
    for (String file : names.allPlain(highest)) {
      FileStat found = folder.stat(file);
      Long known = found == null ? null : loaded().get(found.inode());
      if (known != null && known == id) {
        return file;
      }
    }
    return null;
  }

  /** The log has no file any more: nothing more is to be known of it. */
  void forget() throws IOException {
    byInode = null;
    state.forget(name);
  }

  private static long inode(PrivateFolder folder, String file) throws IOException {
    FileStat found = folder.stat(file);
    if (found == null) {
      throw new NoSuchFileException(folder.path(file).toString(), null, "was removed meanwhile");
    }
    return found.inode();
  }

  /** Saves all ids but those of files that are gone. */
  private void save(Set<Long> there) {
    Map<Long, Long> ids = loaded();
    ids.keySet().retainAll(there);
    StringBuilder text = new StringBuilder();
    ids.forEach((inode, id) -> text.append("%s %016x\n".formatted(inode, id)));
    try (PrivateFolder folder = state.folder(name)) {
      byte[] content = text.toString().getBytes(StandardCharsets.US_ASCII);
      WholeFile.replace(folder, LogState.ids(name), WholeFile.Readers.GROUP, content);
    } catch (IOException e) {
      FAILED.warn("the ids of the files of {} cannot be saved: {}", name, e.toString());
    }
  }

  private Map<Long, Long> loaded() {
    Map<Long, Long> ids = byInode;
    if (ids == null) {
      ids = load();
      byInode = ids;
    }
    return ids;
  }

  private Map<Long, Long> load() {
    try (PrivateFolder folder = state.folder(name)) {
      return WholeFile.read(folder, LogState.ids(name), MAX_BYTES)
          .map(LogFileIds::parse)
          .orElseGet(LinkedHashMap::new);
    } catch (IOException e) {
      FAILED.warn("the ids of the files of {} cannot be read: {}", name, e.toString());
      return new LinkedHashMap<>();
    }
  }
}
