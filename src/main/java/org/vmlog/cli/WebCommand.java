package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.vmlog.platform.ProcessSignals;
import org.vmlog.view.query.LogSelection;
import org.vmlog.web.WebLogs;
import org.vmlog.web.WebServer;
import org.vmlog.web.WebToken;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmlog web}: the same in a browser. */
@Command(
    name = "web",
    description = {
      "Show virtual machines' logs in a browser of this host, as they come.",
      "",
      "The page is served to this host alone, and only under the address that is printed: whoever"
          + " has that address sees what you may read. Ctrl-C ends it."
    })
final class WebCommand extends LogsCommand {
  private static final int MAX_PORT = 65_535;
  private static final int MAX_LINES = 1_000;

  @Parameters(paramLabel = "GLOB", arity = "0..*", description = WHICH + " Default: all.")
  private List<String> globs = List.of();

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      order = 1,
      description = "Show the last N lines of each VM at first. Default: 100.")
  private int lines = 100;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      order = 2,
      description = "Where to listen, on 127.0.0.1. Default: any port that is free.")
  private int port;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      order = 3,
      description =
          "Keep the secret part of the address there, for the next time; with --port the address"
              + " stays as it is, and pages that are open go on. Default: another one each time.")
  private @Nullable Path tokenFile;

  WebCommand(Session session) {
    super(session);
  }

  @Override
  int run() throws IOException, InterruptedException {
    check("--port", port, MAX_PORT);
    check("-n", lines, MAX_LINES);
    LogSelection selection = new LogSelection(globs);
    WebLogs logs =
        new WebLogs(
            folder().path(),
            log -> selection.matches(log.owner(), log.name()),
            lines,
            ForwarderFolders.configured().sockets(),
            session.zone(),
            session.clock(),
            problems());
    WebToken token = tokenFile == null ? WebToken.random() : WebToken.kept(tokenFile);
    CountDownLatch ended = new CountDownLatch(1);
    try (WebServer server = WebServer.start(logs, token, port)) {
      ProcessSignals.onTerminate(ended::countDown);
      session.out().write((server.address() + "\n").getBytes(UTF_8));
      session.out().flush();
      ended.await();
    }
    return ExitCode.OK;
  }

  private static void check(String option, int value, int most) {
    if (value < 0 || value > most) {
      throw new IllegalArgumentException(
          "%s %s; allowed is a number from 0 to %s".formatted(option, value, most));
    }
  }
}
