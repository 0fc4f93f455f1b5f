package org.vmlog.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * This process's class path for the programs that tests start, with an archive of the classes that
 * a forwarder loads: tests start hundreds of programs, and each start costs a third less CPU for
 * it. Made at the first use, in a folder that goes with this process. An archive takes jars only,
 * so the classes under test are packed. Thread-safe.
 */
final class SharedClasses {
  private static final String FORWARDER = "org.vmlog.cli.ForwarderCommand";

  private SharedClasses() {}

  /** The options of java(1) that give a program the class path and the archive. */
  static List<String> options() {
    return Holder.OPTIONS;
  }

  private static final class Holder {
    private static final List<String> OPTIONS = make();

    private static List<String> make() {
      try {
        Path folder = Files.createTempDirectory("vmlog-classes");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
        Path main = folder.resolve("main.jar");
        Path archive = folder.resolve("forwarder.jsa");
        List<String> jars = new ArrayList<>(List.of(main.toString()));
        List<String> folders = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
          Path path = Path.of(entry);
          if (Files.isRegularFile(path)) {
            jars.add(entry);
          } else if (Files.exists(path.resolve("org/vmlog/cli"))
              && !Files.exists(path.resolve("org/vmlog/testing"))) {
            Installation.pack(path, main);
          } else {
            folders.add(entry);
          }
        }
        dump(folder, archive, String.join(File.pathSeparator, jars));
        jars.addAll(folders);
        // An archive that cannot be mapped is not used, and nobody is to read of that.
        String quiet = Runtime.version().feature() < 24 ? "cds*=off" : "cds*=off,aot*=off";
        return List.of(
            "-XX:SharedArchiveFile=" + archive,
            "-Xlog:disable",
            "-Xlog:all=warning," + quiet + ":stderr",
            "-cp",
            String.join(File.pathSeparator, jars));
      } catch (IOException e) {
        throw new UncheckedIOException("no archive of classes for the tests' programs", e);
      }
    }

    private static void dump(Path folder, Path archive, String classPath) throws IOException {
      Path home = Files.createDirectory(folder.resolve("home"));
      Path config = Files.writeString(home.resolve("f.toml"), ForwarderProcess.configIn(home));
      List<String> command =
          List.of(
              ProgramProcess.javaProgram(),
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-XX:ArchiveClassesAtExit=" + archive,
              "-Xlog:disable",
              "-cp",
              classPath,
              FORWARDER,
              "--config",
              config.toString());
      try (ProgramProcess forwarder = new ProgramProcess(command, Map.of()).awaitReady()) {
        int code = forwarder.terminate();
        if (code != 0 || !Files.exists(archive)) {
          throw new IOException("the forwarder ended with " + code + ":\n" + forwarder.log());
        }
      }
    }

    private static void delete(Path folder) {
      try (Stream<Path> all = Files.walk(folder)) {
        all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
      } catch (IOException e) {
        // It stays in the folder of temporary files.
      }
    }
  }
}
