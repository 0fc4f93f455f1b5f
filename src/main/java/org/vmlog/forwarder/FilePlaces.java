package org.vmlog.forwarder;

import java.nio.file.Path;
import java.util.Optional;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.VmId;
import org.vmlog.logs.LogFileName;
import org.vmlog.route.Places;
import org.vmlog.sink.DiskQuota;
import org.vmlog.sink.JournalSink;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.LogCompressor;
import org.vmlog.sink.LogFileNaming;
import org.vmlog.sink.RotationPolicy;
import org.vmlog.sink.SyncMode;
import org.vmlog.sink.SyslogSink;
import org.vmlog.sink.VmLogFile;

/** The places that the configuration names: one folder of log files, log daemons. Thread-safe. */
final class FilePlaces implements Places {
  private final DiskQuota quota;
  private final LogFileNaming naming;
  private final RotationPolicy rotation;
  private final SyncMode sync;
  private final LogCompressor compressor;
  private final Path syslogSocket;
  private final Optional<Path> journalSocket;

  FilePlaces(
      DiskQuota quota,
      LogFileNaming naming,
      RotationPolicy rotation,
      SyncMode sync,
      LogCompressor compressor,
      Path syslogSocket,
      Optional<Path> journalSocket) {
    this.quota = quota;
    this.naming = naming;
    this.rotation = rotation;
    this.sync = sync;
    this.compressor = compressor;
    this.syslogSocket = syslogSocket;
    this.journalSocket = journalSocket;
  }

  @Override
  public LineSink vmFile(VmId id) {
    return file(naming.file(id));
  }

  @Override
  public LineSink hostUserFile(int uid) {
    return file(naming.hostUser(uid));
  }

  @Override
  public LineSink componentFile(ComponentId id) {
    return file(naming.component(id));
  }

  private LineSink file(LogFileName name) {
    return new VmLogFile(quota, name, rotation, sync, compressor);
  }

  @Override
  public LineSink syslog() {
    return new SyslogSink(syslogSocket);
  }

  @Override
  public LineSink journal(String owner, String name) {
    return new JournalSink(journalSocket.orElseThrow(), owner, name);
  }
}
