package org.vmlog.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vmlog.platform.OneLine;
import org.vmlog.platform.ProcessSignals;
import org.vmlog.scrape.MetricsClient;
import org.vmlog.top.Order;
import org.vmlog.top.Top;
import org.vmlog.top.TopView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmlog top}: what sources send now, on a screen that goes on. */
@Command(
    name = "top",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description = {
      "Show what virtual machines and others log now: how much a second, what is dropped and why,"
          + " and how much of their quota their files take.",
      "",
      "On a terminal it goes on until q. The keys n, r, b, d, u and l sort, and once more turn the"
          + " order round; / takes globs, ESC none; c shows the command for the same view, and"
          + " Enter one that says all of the VM that the arrows have come to. What was shown so is"
          + " printed at the end.",
      "",
      "It asks the forwarder for its metrics: root and the group vmlog may."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "64:wrong usage",
      "69:the forwarder does not answer",
      "74:the terminal cannot be used"
    })
final class TopCommand implements Callable<Integer> {
  private static final Duration MIN_INTERVAL = Duration.ofMillis(100);

  private final Session session;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "GLOB",
      arity = "0..*",
      description = LogsCommand.WHICH + " Default: all.")
  private List<String> globs = List.of();

  @Option(
      names = {"-s", "--sort"},
      paramLabel = "COLUMN",
      description =
          "What has the most first: records or bytes a second, dropped, used, last; or name."
              + " Default: records.")
  private String sort = "records";

  @Option(
      names = {"-r", "--reverse"},
      description = "The least first.")
  private boolean reverse;

  @Option(
      names = {"-i", "--interval"},
      paramLabel = "SECONDS",
      description = "How long to count before it is shown again. Default: 1.")
  private double interval = 1;

  @Option(names = "--once", description = "Print it once, as to what has no screen.")
  private boolean once;

  @Option(names = "--color", paramLabel = "WHEN", description = PrintOptions.COLOUR)
  private String colour = "auto";

  @Option(
      names = "--metrics",
      paramLabel = "ADDRESS",
      description =
          "Where the forwarder shows its metrics, unix:PATH or ADDRESS:PORT. Default:"
              + " $$VMLOG_METRICS; without that, what the forwarder's configuration says, if you"
              + " may read it; else unix:/run/vmlog/metrics.sock.")
  private @Nullable String metrics;

  TopCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    try {
      TopView view = new TopView(order(), reverse, globs);
      boolean coloured = PrintOptions.isColoured(colour, session);
      Top top = new Top(forwarder(), interval(), session.clock());
      return once || !session.hasScreen() ? print(top, view) : run(top, view, coloured);
    } catch (IllegalArgumentException e) {
      warn(String.valueOf(e.getMessage()));
      return ExitCode.USAGE;
    }
  }

  private int print(Top top, TopView view) throws InterruptedException {
    try {
      PrintWriter out = spec().commandLine().getOut();
      top.once(view).forEach(out::println);
      out.flush();
      return ExitCode.OK;
    } catch (IOException e) {
      warn(e.getMessage() + "; vmlog doctor says what is wrong");
      return ExitCode.UNAVAILABLE;
    }
  }

  private int run(Top top, TopView view, boolean coloured) throws InterruptedException {
    ProcessSignals.onTerminate(top::stop);
    ProcessSignals.onHangup(top::stop);
    ProcessSignals.on("WINCH", top::resized);
    try {
      PrintWriter out = spec().commandLine().getOut();
      top.run(view, coloured).forEach(out::println);
      out.flush();
      return ExitCode.OK;
    } catch (IOException e) {
      warn("the terminal cannot be used: " + e.getMessage() + "; --once needs none");
      return ExitCode.IO;
    }
  }

  private MetricsClient forwarder() {
    String environment = session.environment().getOrDefault("VMLOG_METRICS", "");
    String named = metrics == null ? environment : metrics;
    if (!named.isEmpty()) {
      return new MetricsClient(MetricsClient.address(named));
    }
    return ForwarderFolders.configured()
        .metrics()
        .map(MetricsClient::new)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "metrics.listen is false in the forwarder's configuration; top asks there"));
  }

  private Order order() {
    return Arrays.stream(Order.values())
        .filter(order -> order.word().equals(sort.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--sort=%s; allowed are %s"
                        .formatted(
                            sort,
                            Arrays.stream(Order.values())
                                .map(Order::word)
                                .collect(Collectors.joining(", ")))));
  }

  private Duration interval() {
    if (!(interval >= 0.1 && interval <= 3600)) {
      throw new IllegalArgumentException(
          "--interval=%s; allowed is %s to 3600"
              .formatted(interval, MIN_INTERVAL.toMillis() / 1e3));
    }
    return Duration.ofMillis((long) (interval * 1000));
  }

  private void warn(String message) {
    PrintWriter err = spec().commandLine().getErr();
    err.println(OneLine.of(message));
    err.flush();
  }

  private CommandSpec spec() {
    return Optional.ofNullable(spec).orElseThrow();
  }
}
