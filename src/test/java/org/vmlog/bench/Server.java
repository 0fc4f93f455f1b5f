package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A running log server that writes a file for each host. Confined to one thread. */
interface Server extends AutoCloseable {
  long pid();

  /** Where hosts' senders connect, one each. */
  List<? extends Endpoint> endpoints(Load.Kind kind);

  /** A host's file. */
  Path log(int host);

  @Override
  void close() throws IOException;
}
