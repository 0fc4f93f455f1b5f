package org.vmlog.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * The programs laid out as they are installed, with the launcher that ships and its JVM flags, and
 * every class in a jar: what a test needs where the JVM's own behaviour matters. Made from this
 * process's class path. Immutable.
 */
public final class Installation {
  private static final String PROGRAM = "vmlog-forwarder";

  private final Path home;

  private Installation(Path home) {
    this.home = home;
  }

  /** Lays them out in a folder that is made. */
  public static Installation in(Path home) throws IOException {
    Path bin = Files.createDirectories(home.resolve("bin"));
    Path lib = Files.createDirectories(home.resolve("lib"));
    try (Stream<Path> launchers = Files.list(Path.of("packaging/bin"))) {
      for (Path launcher : launchers.toList()) {
        Path copy = Files.copy(launcher, bin.resolve(launcher.getFileName()));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
    StringBuilder libraries = new StringBuilder();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry).toAbsolutePath();
      if (Files.isRegularFile(path)) {
        libraries.append(path.toUri()).append(' ');
      } else if (Files.isDirectory(path) && !Files.exists(path.resolve("org/vmlog/testing"))) {
        pack(path, lib.resolve(path.getFileName() + ".jar"));
      }
    }
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, libraries.toString());
    try (OutputStream file = Files.newOutputStream(lib.resolve("libraries.jar"))) {
      new JarOutputStream(file, manifest).close();
    }
    return new Installation(home);
  }

  /** The launcher of this name. */
  public Path program(String name) {
    return home.resolve("bin").resolve(name);
  }

  /** Puts a folder's files into a jar. */
  static void pack(Path classes, Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(file);
        Stream<Path> paths = Files.walk(classes)) {
      packed.setLevel(1);
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        packed.putNextEntry(new JarEntry(classes.relativize(path).toString()));
        Files.copy(path, packed);
      }
    }
  }

  /**
   * Starts the forwarder and waits until it is ready.
   *
   * @param javaOptions added to the launcher's, as VMLOG_JAVA_OPTS
   */
  public ForwarderProcess startForwarder(Path config, String... javaOptions) throws IOException {
    Map<String, String> environment = new HashMap<>();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    // Halves the time to start; a JVM's last word on an option counts.
    String quick = "-XX:TieredStopAtLevel=1";
    environment.put(
        "VMLOG_JAVA_OPTS",
        String.join(" ", Stream.concat(Stream.of(quick), List.of(javaOptions).stream()).toList()));
    return ForwarderProcess.startInstalled(program(PROGRAM), config, environment);
  }
}
