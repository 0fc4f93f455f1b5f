package org.vmlog.ship;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells records that were shipped again from those that come first, by their ids, in little memory.
 *
 * <p>What is shipped again begins at a cursor, before what was shipped last of that file, and goes
 * on in order, and a partition keeps that order. So of a file in a partition it is enough to know
 * the highest offset. Between partitions there is no order: after some were added, newer records of
 * a VM may be read before older ones. Of the files that are heard of least lately the oldest are
 * forgotten. Confined to one thread.
 */
public final class SeenRecords {
  private final Map<String, Long> highest = new LinkedHashMap<>(16, 0.75f, true);
  private final int maxFiles;

  /**
   * @param maxFiles that are remembered
   */
  public SeenRecords(int maxFiles) {
    this.maxFiles = maxFiles;
  }

  /**
   * Whether a record comes for the first time; one without an id always does.
   *
   * @param partition that it was read from
   */
  public boolean isNew(int partition, String id) {
    int at = id.lastIndexOf('@');
    String offset = id.substring(at + 1);
    boolean isLine = at > 0 && offset.matches("\\d{1,18}");
    if (id.isEmpty()) {
      return true;
    }
    // A gap's is a range, and that of a piece of a line says which, so they stand for themselves.
    String file = isLine ? partition + "/" + id.substring(0, at) : id;
    long value = isLine ? Long.parseLong(offset) : 0;
    Long known = highest.get(file);
    if (known != null && known >= value) {
      return false;
    }
    highest.put(file, value);
    forget();
    return true;
  }

  private void forget() {
    if (highest.size() > maxFiles) {
      List<String> oldest = new ArrayList<>(highest.keySet()).subList(0, maxFiles / 10 + 1);
      oldest.forEach(highest::remove);
    }
  }
}
