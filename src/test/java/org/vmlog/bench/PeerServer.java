package org.vmlog.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.vmlog.testing.TestHost;

/**
 * Another log server, as Debian ships it, with no more than what makes it write what we write:
 * lines that come by TCP into a file for each host, or a VMM's datagrams into one. It needs no
 * privileges and has a folder of its own. Confined to one thread.
 */
final class PeerServer implements Server {
  private static final int PATIENCE_SECONDS = 30;
  private static final Path RSYSLOGD = Path.of("/usr/sbin/rsyslogd");
  private static final Path SYSLOG_NG = Path.of("target/syslog-ng").toAbsolutePath();

  private static final String RSYSLOG_CONFIG =
      """
      global(workDirectory="%1$s" localHostname="vm0" net.enableDNS="off")
      template(name="line" type="string"
               string="<%%pri%%>%%timestamp%% %%hostname%% %%syslogtag%%%%msg%%\\n")
      template(name="file" type="string" string="%1$s/logs/%%hostname%%.log")
      """;

  private static final String RSYSLOG_TCP =
      """
      module(load="imptcp")
      ruleset(name="hosts") {
        action(type="omfile" dynaFile="file" dynaFileCacheSize="100" template="line")
      }
      input(type="imptcp" address="127.0.0.1" port="%2$d" ruleset="hosts")
      """;

  private static final String RSYSLOG_DATAGRAMS =
      """
      module(load="imuxsock" SysSock.Use="off")
      input(type="imuxsock" socket="%1$s/socket" useSysTimeStamp="off" ignoreTimestamp="off")
      action(type="omfile" file="%1$s/logs/vm0.log" template="line")
      """;

  private static final String SYSLOG_NG_CONFIG =
      """
      @version: 3.35
      options {
        keep-hostname(yes); use-dns(no); create-dirs(yes); stats-freq(0);
      };
      source hosts {
        network(ip("127.0.0.1") port(%2$d) transport("tcp") max-connections(64));
      };
      destination files {
        file("%1$s/logs/${HOST}.log" template("<$PRI>$DATE $HOST $MSGHDR$MSG\\n"));
      };
      log { source(hosts); destination(files); flags(flow-control); };
      """;

  private final Path folder;
  private final int hosts;
  private final int port;
  private final Process process;

  private PeerServer(Path folder, int hosts, int port, Process process) {
    this.folder = folder;
    this.hosts = hosts;
    this.port = port;
    this.process = process;
  }

  static boolean hasRsyslog() {
    return Files.isExecutable(RSYSLOGD);
  }

  /** rsyslogd with imptcp, or with imuxsock if it is to be datagrams. */
  static PeerServer rsyslog(Path folder, Load.Kind kind, int hosts) throws IOException {
    int port = prepare(folder);
    String input = kind == Load.Kind.DATAGRAMS ? RSYSLOG_DATAGRAMS : RSYSLOG_TCP;
    Path config = folder.resolve("rsyslog.conf");
    Files.writeString(config, (RSYSLOG_CONFIG + input).formatted(folder, port));
    List<String> command =
        List.of(RSYSLOGD.toString(), "-n", "-f", config.toString(), "-i", folder + "/pid");
    PeerServer server = new PeerServer(folder, hosts, port, launch(folder, command, Map.of()));
    Path socket = folder.resolve("socket");
    return kind == Load.Kind.DATAGRAMS
        ? server.await(() -> Files.exists(socket))
        : server.await(server::listens);
  }

  static boolean hasSyslogNg() {
    return Files.isExecutable(SYSLOG_NG.resolve("usr/sbin/syslog-ng"));
  }

  /**
   * syslog-ng off the folder that its packages were unpacked in: they cannot be beside rsyslog's.
   */
  static PeerServer syslogNg(Path folder, int hosts) throws IOException {
    int port = prepare(folder);
    Path config = folder.resolve("syslog-ng.conf");
    Files.writeString(config, SYSLOG_NG_CONFIG.formatted(folder, port));
    Path libraries = SYSLOG_NG.resolve("usr/lib");
    List<String> command =
        List.of(
            SYSLOG_NG.resolve("usr/sbin/syslog-ng").toString(),
            "--foreground",
            "--no-caps",
            "--cfgfile=" + config,
            "--persist-file=" + folder.resolve("persist"),
            "--pidfile=" + folder.resolve("pid"),
            "--control=" + folder.resolve("control"),
            "--module-path=" + modules(libraries.resolve("syslog-ng")));
    String path =
        "%1$s/usr/lib/syslog-ng:%1$s/usr/lib/%2$s:%1$s/lib/%2$s"
            .formatted(
                SYSLOG_NG,
                System.getProperty("os.arch").equals("aarch64")
                    ? "aarch64-linux-gnu"
                    : "x86_64-linux-gnu");
    PeerServer server =
        new PeerServer(
            folder, hosts, port, launch(folder, command, Map.of("LD_LIBRARY_PATH", path)));
    return server.await(server::listens);
  }

  /** Named by the version. */
  private static Path modules(Path libraries) throws IOException {
    try (var found = Files.newDirectoryStream(libraries, Files::isDirectory)) {
      return found.iterator().next();
    }
  }

  private static int prepare(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("logs"));
    return TestHost.freeTcpAddress().getPort();
  }

  private static Process launch(Path folder, List<String> command, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("TZ", "UTC");
    builder.environment().putAll(environment);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("said").toFile())
        .start();
  }

  private PeerServer await(BooleanSupplier ready) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!ready.getAsBoolean()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        close();
        throw new IOException("no server:\n" + Files.readString(folder.resolve("said")));
      }
      Thread.onSpinWait();
    }
    return this;
  }

  private boolean listens() {
    try (Socket probe = new Socket()) {
      probe.connect(new InetSocketAddress("127.0.0.1", port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public List<? extends Endpoint> endpoints(Load.Kind kind) {
    return kind == Load.Kind.DATAGRAMS
        ? List.of(new Endpoint.Unix(folder.resolve("socket")))
        : IntStream.range(0, hosts).mapToObj(host -> new Endpoint.Tcp("127.0.0.1", port)).toList();
  }

  @Override
  public Path log(int host) {
    return folder.resolve("logs").resolve(Requests.host(host) + ".log");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
