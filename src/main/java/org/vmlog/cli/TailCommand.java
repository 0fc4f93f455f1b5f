package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.LogName;
import org.vmlog.logs.VmLog;
import org.vmlog.platform.ProcessSignals;
import org.vmlog.view.Cursor;
import org.vmlog.view.FollowSink;
import org.vmlog.view.Follower;
import org.vmlog.view.From;
import org.vmlog.view.History;
import org.vmlog.view.LogLine;
import org.vmlog.view.query.LineFilter;
import org.vmlog.view.query.LogSelection;
import org.vmlog.view.query.TextMatch;
import org.vmlog.view.render.ChangeNote;
import org.vmlog.view.render.LinePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmlog tail}: shows lines, and those that are to come. */
@Command(
    name = "tail",
    description = {
      "Show the last lines of virtual machines' logs, and with -f those that come.",
      "",
      "The word tail may be left out: vmlog -f 'web-*' follows all VMs whose names begin with"
          + " web-, and those that start later. What there is comes in the order of time, what"
          + " comes in the order in which it does. Rotated and compressed files are read as well."
    })
final class TailCommand extends LogsCommand {
  private static final int DEFAULT_LINES = 10;

  @Parameters(paramLabel = "GLOB", arity = "0..*", description = WHICH + " Default: all.")
  private List<String> globs = List.of();

  @Option(
      names = {"-f", "--follow"},
      order = 1,
      description = "Go on with lines as they come, until Ctrl-C.")
  private boolean follow;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      order = 2,
      description =
          "The last N of each VM's lines that are meant, or all. Default: 10; all, if -S, -U or a"
              + " cursor says where to begin.")
  private @Nullable String lines;

  @Option(
      names = {"-q", "--quiet"},
      order = 3,
      description = "Do not say that there are no lines, nor, with -f, that VMs start and end.")
  private boolean quiet;

  @Mixin private LineOptions meant = new LineOptions();
  @Mixin private TextOptions wanted = new TextOptions();
  @Mixin private PrintOptions printing = new PrintOptions();

  @Option(
      names = "--after-cursor",
      paramLabel = "CURSOR",
      order = 50,
      description = "Begin where another command got to, which --show-cursor has printed.")
  private @Nullable String afterCursor;

  @Option(
      names = "--show-cursor",
      order = 51,
      description = "Print at the end, on a line of its own, how far has been read.")
  private boolean showCursor;

  @Option(
      names = "--cursor-file",
      paramLabel = "FILE",
      order = 52,
      description = "Begin where the last command with this file got to, and note it there.")
  private @Nullable Path cursorFile;

  @Option(
      names = "--kafka",
      paramLabel = "WHERE",
      order = 60,
      description =
          "Read what many hosts have shipped to Apache Kafka, in the place of this host's files:"
              + " HOST:PORT, several with commas, and maybe /TOPIC, which is else vmlog; or the"
              + " file of a vmlog-ship's configuration. Without -S it begins five minutes ago."
              + " Needs the package vmlog-ship.")
  private @Nullable String kafka;

  @Option(
      names = "--host",
      paramLabel = "GLOB",
      order = 61,
      description = "With --kafka: lines of these hosts; '!GLOB' takes some out again.")
  private List<String> hosts = List.of();

  TailCommand(Session session) {
    super(session);
  }

  @Override
  int run() throws IOException, InterruptedException {
    if (follow && meant.haveEnd()) {
      throw new IllegalArgumentException("-f has no end, and -U is one");
    }
    if (follow && meant.start().orElse(0) != 0) {
      throw new IllegalArgumentException(
          "-f follows the latest start; with it, allowed is -b alone");
    }
    Optional<TextMatch> text = wanted.text();
    LineFilter filter = meant.filter(session, text, wanted.areInverted());
    LogSelection selection = new LogSelection(globs);
    if (kafka != null || !hosts.isEmpty()) {
      Optional<TextMatch> looked = wanted.areInverted() ? Optional.empty() : text;
      return fleet(filter, selection, printing.printer(session, true, looked));
    }
    From from = from();
    LogFolder folder = folder();
    List<VmLog> logs = logs(folder, selection);
    if (logs.isEmpty() && !follow) {
      return ExitCode.OK;
    }
    boolean named = logs.size() != 1 || (follow && !selection.isOne());
    LinePrinter printer =
        printing.printer(session, named, wanted.areInverted() ? Optional.empty() : text);
    try (History history = History.open(folder, logs, filter, from, zone(folder), problems())) {
      boolean any = false;
      for (LogLine line = history.next(); line != null; line = history.next()) {
        printer.print(line, session.out());
        any = true;
      }
      if (!any && !follow && !quiet && session.terminal()) {
        note("-- no lines --\n");
      }
      if (follow) {
        forgive();
        follow(folder, selection, filter, history, printer);
      } else {
        show(history.cursor());
      }
    }
    return ExitCode.OK;
  }

  private int fleet(LineFilter filter, LogSelection selection, LinePrinter printer)
      throws IOException {
    String where = kafka;
    if (where == null) {
      throw new IllegalArgumentException("--host is for --kafka");
    }
    if (lines != null
        || afterCursor != null
        || cursorFile != null
        || showCursor
        || meant.start().isPresent()) {
      throw new IllegalArgumentException(
          "-n, -b and cursors are of files; with --kafka, -S says where to begin");
    }
    try {
      new FleetTail(session, filter, selection, new LogSelection(hosts), printer, this::warn)
          .run(where, follow);
      return ExitCode.OK;
    } catch (NoClassDefFoundError e) {
      // The forwarder's host has no need of Kafka, and its package does not bring it.
      warn("--kafka needs the libraries of vmlog-ship, and they are not here: install the package");
      return ExitCode.UNAVAILABLE;
    }
  }

  private From from() throws IOException {
    String cursor = afterCursor;
    if (cursorFile != null && Files.exists(cursorFile)) {
      cursor = Files.readString(cursorFile, UTF_8).strip();
    }
    int most = lines == null || lines.equals("all") ? Integer.MAX_VALUE : number(lines);
    if (cursor != null && meant.start().isPresent()) {
      throw new IllegalArgumentException("-b and a cursor; allowed is one of them");
    }
    if (cursor != null) {
      return new From.After(Cursor.parse(cursor), most);
    }
    if (meant.start().isPresent()) {
      return new From.Start(meant.start().get(), most);
    }
    if (lines == null) {
      return meant.areTimed() ? new From.Beginning() : new From.Last(DEFAULT_LINES);
    }
    return lines.equals("all") ? new From.Beginning() : new From.Last(number(lines));
  }

  private static int number(String typed) {
    if (!typed.matches("\\d{1,9}")) {
      throw new IllegalArgumentException("-n %s; allowed is a number, or all".formatted(typed));
    }
    return Integer.parseInt(typed);
  }

  private void follow(
      LogFolder folder,
      LogSelection selection,
      LineFilter filter,
      History history,
      LinePrinter printer)
      throws IOException, InterruptedException {
    try (Follower follower =
        new Follower(
            folder,
            log -> selection.matches(log.owner(), log.name()),
            filter,
            ForwarderFolders.configured().sockets(),
            zone(folder),
            session.clock(),
            problems())) {
      follower.goOn(history);
      ProcessSignals.onTerminate(follower::stop);
      session.out().flush();
      follower.run(new Screen(printer));
      show(follower.cursor());
    }
  }

  private void show(Cursor cursor) throws IOException {
    if (showCursor) {
      session.out().write(("-- cursor: " + cursor + "\n").getBytes(UTF_8));
    }
    if (cursorFile != null) {
      session.out().flush(); // what was not written has to come again
      replace(cursorFile, cursor + "\n");
    }
  }

  /** After a loss of power the file holds either the cursor of before or this one. */
  private static void replace(Path file, String content) throws IOException {
    Path real = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    Path fresh = Files.createTempFile(real.getParent(), "." + real.getFileName(), ".new");
    try {
      try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        ByteBuffer rest = ByteBuffer.wrap(content.getBytes(UTF_8));
        while (rest.hasRemaining()) {
          int unused = out.write(rest);
        }
        out.force(true);
      }
      Files.move(fresh, real, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** Shows what comes: lines on stdout, what happens to VMs on stderr. */
  private final class Screen implements FollowSink {
    private final LinePrinter printer;

    Screen(LinePrinter printer) {
      this.printer = printer;
    }

    @Override
    public void line(LogLine line) throws IOException {
      printer.print(line, session.out());
    }

    @Override
    public void change(LogName log, Change change) {
      if (quiet) {
        return;
      }
      note(ChangeNote.of(log, change, printing.isColoured(session)));
    }

    @Override
    public void idle() throws IOException {
      session.out().flush();
    }
  }
}
