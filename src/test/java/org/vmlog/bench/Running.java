package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vmlog.testing.ProcessFacts;

/** A case whose server and load run. Confined to one thread. */
final class Running implements AutoCloseable {
  /**
   * What a stretch came to; every line was found in the files.
   *
   * @param cpu the server's user and system time, in seconds per million records
   * @param loadCpu the same of the load's process
   */
  record Measured(double cpu, double loadCpu, double recordsPerSecond, Load.Stretch acks) {}

  private final Case of;
  private final Server server;
  private final LoadProcess load;
  private final WrittenFiles files;

  private Running(Case of, Server server, LoadProcess load) {
    this.of = of;
    this.server = server;
    this.load = load;
    this.files = new WrittenFiles(of, server);
  }

  static Running start(Case of, VmlogServer.Program vmlog, Path folder) throws IOException {
    Server server = of.start(vmlog, Files.createDirectories(folder));
    return new Running(
        of, server, LoadProcess.start(of.kind(), of.recordsAtOnce(), of.endpoints(server)));
  }

  Case of() {
    return of;
  }

  ProcessFacts facts() {
    return new ProcessFacts(server.pid());
  }

  /** Sends so many messages; the time ends when all their lines are in the files. */
  Measured stretch(int messages) throws IOException, InterruptedException {
    double cpu = facts().cpuSeconds();
    double loadCpu = load.facts().cpuSeconds();
    long start = System.nanoTime();
    Load.Stretch acks = load.run(messages);
    files.await(messages);
    double seconds = (System.nanoTime() - start) / 1e9;
    double millions = of.records(messages) / 1e6;
    Measured measured =
        new Measured(
            (facts().cpuSeconds() - cpu) / millions,
            (load.facts().cpuSeconds() - loadCpu) / millions,
            of.records(messages) / seconds,
            acks);
    files.checkAndEmpty(messages);
    return measured;
  }

  @Override
  public void close() throws IOException {
    load.close();
    server.close();
  }
}
