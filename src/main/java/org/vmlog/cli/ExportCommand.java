package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.VmLog;
import org.vmlog.view.History;
import org.vmlog.view.LogLine;
import org.vmlog.view.query.LineFilter;
import org.vmlog.view.query.LogSelection;
import org.vmlog.view.render.LinePrinter;
import org.vmlog.view.render.Printing;
import org.vmlog.view.render.ShownText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmlog export}: hands logs to another program, or to somebody on another host. */
@Command(
    name = "export",
    description = {
      "Write virtual machines' logs, all of them or what is meant of them, for other programs.",
      "",
      "Lines of all that are meant are in the order of time, rotated and compressed files included,"
          + " and each says whose it is: vmlog export -S today -o journal | systemd-journal-remote -o"
          + " vms.journal - makes a journal of them for journalctl --file."
    })
final class ExportCommand extends LogsCommand {
  private static final int BUFFER_BYTES = 64 * 1024;

  /** What {@code -o} takes; the names are what people type. */
  enum Format {
    json("json"),
    journal("export"),
    plain("short-iso");

    private final String printing;

    Format(String printing) {
      this.printing = printing;
    }
  }

  @Parameters(paramLabel = "GLOB", arity = "0..*", description = WHICH + " Default: all.")
  private List<String> globs = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      order = 1,
      defaultValue = "json",
      description =
          "json, an object a line with journalctl's names; journal, the format of journalctl -o"
              + " export; plain, lines with the year, the zone and the VM. Default:"
              + " ${DEFAULT-VALUE}.")
  private Format format = Format.json;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      order = 2,
      description = "Write there, to a new file that nobody else can read; not to stdout.")
  private @Nullable Path file;

  @Option(
      names = "--bundle",
      paramLabel = "FILE",
      order = 3,
      description =
          "Write an archive for whoever is to help, a .tar.gz of the lines and of what vmlog doctor"
              + " says; to a new file, as --file does.")
  private @Nullable Path bundle;

  @Mixin private LineOptions meant = new LineOptions();
  @Mixin private TextOptions text = new TextOptions();

  ExportCommand(Session session) {
    super(session);
  }

  @Override
  int run() throws IOException {
    if (file != null && bundle != null) {
      throw new IllegalArgumentException("--file and --bundle; allowed is one of them");
    }
    LineFilter filter = meant.filter(session, text.text(), text.areInverted());
    LogFolder folder = folder();
    List<VmLog> logs = logs(folder, new LogSelection(globs));
    if (logs.isEmpty()) {
      return ExitCode.OK;
    }
    if (bundle != null) {
      bundle(bundle, out -> write(folder, logs, filter, out, false));
    } else if (file != null) {
      writeNew(file, out -> write(folder, logs, filter, out, false));
    } else {
      write(folder, logs, filter, session.out(), session.terminal());
    }
    return ExitCode.OK;
  }

  /** What is written to a new file. */
  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Half a file would be taken for a whole one. */
  private static void writeNew(Path path, Content content) throws IOException {
    boolean whole = false;
    OutputStream created = create(path);
    try (OutputStream out = created) {
      content.writeTo(out);
      whole = true;
    } finally {
      if (!whole) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** An archive says how long a file is before it has it, so the lines are written before. */
  private void bundle(Path path, Content lines) throws IOException {
    Path before = path.resolveSibling(path.getFileName() + ".lines");
    writeNew(before, lines);
    try (InputStream written = Files.newInputStream(before)) {
      writeNew(
          path,
          out -> {
            try (TarGz archive = new TarGz(out)) {
              byte[] doctor = DoctorCommand.report(session).getBytes(UTF_8);
              Instant now = session.clock().instant();
              archive.add("vmlog/doctor.txt", doctor.length, now, new ByteArrayInputStream(doctor));
              archive.add("vmlog/logs." + format, Files.size(before), now, written);
            }
          });
    } finally {
      Files.deleteIfExists(before);
    }
  }

  private static OutputStream create(Path path) throws IOException {
    try {
      return new BufferedOutputStream(
          Channels.newOutputStream(
              Files.newByteChannel(
                  path,
                  Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                  PosixFilePermissions.asFileAttribute(
                      PosixFilePermissions.fromString("rw-------")))),
          BUFFER_BYTES);
    } catch (FileAlreadyExistsException e) {
      throw new IllegalArgumentException(
          "%s is there already; allowed is a new file".formatted(path), e);
    }
  }

  private void write(
      LogFolder folder, List<VmLog> logs, LineFilter filter, OutputStream out, boolean escaped)
      throws IOException {
    LinePrinter printer =
        new Printing(
                format.printing,
                Optional.empty(),
                true,
                false,
                new ShownText(escaped, List.of()),
                session.zone())
            .printer();
    try (History history =
        History.open(folder, logs, filter, meant.from(), zone(folder), problems())) {
      for (LogLine line = history.next(); line != null; line = history.next()) {
        printer.print(line, out);
      }
    }
    out.flush();
  }
}
