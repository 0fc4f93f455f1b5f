package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/**
 * Something to be measured: a server under a load.
 *
 * @param recordsAtOnce in each message
 * @param hosts each with a file of its own
 * @param connections of each host
 * @param cold messages sent first, measured apart: the JVM still interprets and compiles
 * @param warm messages sent then, again and again until their cost falls no more
 * @param measured messages of each stretch that is measured
 */
record Case(
    String name,
    Software software,
    Load.Kind kind,
    int recordsAtOnce,
    int hosts,
    int connections,
    int cold,
    int warm,
    int measured) {

  /** Whose server it is. */
  enum Software {
    VMLOG,
    RSYSLOG,
    SYSLOG_NG;

    boolean isThere() {
      return switch (this) {
        case VMLOG -> true;
        case RSYSLOG -> PeerServer.hasRsyslog();
        case SYSLOG_NG -> PeerServer.hasSyslogNg();
      };
    }
  }

  /** A fiftieth of the load: shows that it runs, and that every line is written. */
  Case quick() {
    return new Case(
        name,
        software,
        kind,
        recordsAtOnce,
        hosts,
        connections,
        cold / 50,
        warm / 50,
        measured / 50);
  }

  Server start(VmlogServer.Program vmlog, Path folder) throws IOException {
    return switch (software) {
      case VMLOG -> VmlogServer.start(vmlog, folder, hosts);
      case RSYSLOG -> PeerServer.rsyslog(folder, kind, hosts);
      case SYSLOG_NG -> PeerServer.syslogNg(folder, hosts);
    };
  }

  /**
   * Where the load connects to: to each host's endpoint as often as there are to be connections.
   */
  List<Endpoint> endpoints(Server server) {
    return server.endpoints(kind).stream()
        .flatMap(endpoint -> Collections.<Endpoint>nCopies(connections, endpoint).stream())
        .toList();
  }

  long records(long messages) {
    return messages * recordsAtOnce;
  }

  /** What a host's file gains by each message of the host's. */
  byte[] written(int host) {
    return kind == Load.Kind.DATAGRAMS
        ? Requests.datagramLine()
        : Requests.lines(host, recordsAtOnce);
  }
}
