package org.vmlog.view;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.vmlog.logs.LogName;
import org.vmlog.logs.VmLog;
import org.vmlog.sink.LogFileNaming;

/**
 * Tells which VMs are live: each has a socket of its own meanwhile. Who may not see into that
 * folder learns nothing, and no VM ever seems to stop. Confined to one thread.
 */
public final class LiveSockets {
  private final Path directory;
  private final Map<LogName, Boolean> live = new HashMap<>();

  /** Looks for them in this folder. */
  public LiveSockets(Path directory) {
    this.directory = directory;
  }

  /** What has changed since the last look; nothing at the first. */
  Optional<FollowSink.Change> look(VmLog log) {
    boolean now = isLive(log);
    Boolean before = live.put(log.name(), now);
    if (before == null || before == now) {
      return Optional.empty();
    }
    return Optional.of(now ? FollowSink.Change.LIVE : FollowSink.Change.STOPPED);
  }

  /** Whether this VM has a socket, which in the chromeos layout lies beside the log. */
  public boolean isLive(VmLog log) {
    List<String> folders = log.log().folders();
    Path logs = log.folder().resolve("../".repeat(folders.size())).normalize();
    return isThere(directory, folders.subList(0, 1), log) || isThere(logs, folders, log);
  }

  private boolean isThere(Path base, List<String> folders, VmLog log) {
    String stem = log.log().stem();
    return isThere(LogFileNaming.reachable(directory, base, folders, stem, "lsock").path());
  }

  /** Whether this process may not see if there are any. */
  public boolean areHidden(VmLog log) {
    Path folder = directory.resolve(log.folder().getFileName());
    return (isThere(directory) && !Files.isExecutable(directory))
        || (isThere(folder) && !Files.isExecutable(folder));
  }

  private static boolean isThere(Path socket) {
    return Files.exists(socket, LinkOption.NOFOLLOW_LINKS);
  }
}
