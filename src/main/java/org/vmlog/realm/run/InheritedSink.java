package org.vmlog.realm.run;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.bus.BusException;
import org.vmlog.platform.Descriptor;

/**
 * A command that has a sink as its descriptor 3, which stays its own whatever user it becomes. Java
 * passes the first three descriptors alone: so the sink is passed as stderr, a shell makes 3 of it
 * and stderr of a FIFO, and becomes the command. Thread-safe.
 */
record InheritedSink(Process process, Path fifo) {
  private static final Logger LOG = LoggerFactory.getLogger(InheritedSink.class);
  private static final String VARIABLE = "VMLOG_SINK_FD";
  private static final String SHELL = "exec 3>&2 2>\"$0\"; exec \"$@\"";

  /**
   * Starts the builder's command.
   *
   * @throws IOException if it cannot be started
   * @throws BusException if there is no sink for it
   */
  static InheritedSink start(ProcessBuilder builder, ComponentCommand.Sinks sinks)
      throws IOException, BusException {
    Path fifo = Files.createTempDirectory("vmlog-run").resolve("stderr");
    try (Descriptor sink = sinks.open()) {
      if (new ProcessBuilder("mkfifo", "-m", "600", fifo.toString())
              .start()
              .onExit()
              .join()
              .exitValue()
          != 0) {
        throw new IOException("mkfifo(1) cannot make " + fifo);
      }
      List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", SHELL, fifo.toString()));
      command.addAll(builder.command());
      builder.command(command).redirectError(sink.redirect());
      builder.environment().put(VARIABLE, "3");
      InheritedSink started = new InheritedSink(builder.start(), fifo);
      var unused = started.process().onExit().thenRun(started::unblock);
      return started;
    } catch (IOException | BusException | RuntimeException e) {
      delete(fifo);
      throw e;
    }
  }

  /** What the command writes to stderr; waits until the shell has opened that, or has ended. */
  InputStream errors() {
    try {
      InputStream opened = new FileInputStream(fifo.toFile());
      delete(fifo);
      return opened;
    } catch (IOException e) {
      LOG.warn("stderr cannot be read: {}", e.toString());
      return InputStream.nullInputStream();
    }
  }

  /** A shell that was killed before it had opened the FIFO leaves its reader waiting, fifo(7). */
  private void unblock() {
    try {
      if (Files.exists(fifo)) {
        new RandomAccessFile(fifo.toFile(), "rw").close();
      }
    } catch (IOException e) {
      // It was opened, and so is gone.
    }
  }

  private static void delete(Path fifo) {
    try {
      Files.deleteIfExists(fifo);
      Files.deleteIfExists(Objects.requireNonNull(fifo.getParent()));
    } catch (IOException e) {
      LOG.warn("{} stays: {}", fifo, e.toString());
    }
  }
}
