package org.vmlog.sink;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Iterator;

/**
 * Removes files that nobody writes to any more, some time after their last line: those of VMs that
 * no longer start.
 *
 * <p>Each run goes on where the last one stopped, at the first log after {@value #MOST_FILES} files
 * were removed. Confined to one thread at a time.
 */
public final class LogExpiry implements Runnable {
  static final int MOST_FILES = 64;

  private final DiskQuota quota;
  private final Duration age;
  private final InstantSource clock;
  private Iterator<LogAccount> rest = Collections.emptyIterator();

  /**
   * Removes nothing before it is run.
   *
   * @param age how long after its last line a file goes
   */
  public LogExpiry(DiskQuota quota, Duration age, InstantSource clock) {
    this.quota = quota;
    this.age = age;
    this.clock = clock;
  }

  @Override
  public void run() {
    if (!rest.hasNext()) {
      rest = quota.books().all().iterator();
    }
    Instant before = clock.instant().minus(age);
    int gone = 0;
    while (gone < MOST_FILES && rest.hasNext()) {
      gone += quota.expire(rest.next(), before);
    }
  }
}
