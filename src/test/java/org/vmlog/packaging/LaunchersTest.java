package org.vmlog.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Installation;
import org.vmlog.testing.ShellCommand;

/** The programs' launchers, with a JVM of each version that prints what it is started with. */
final class LaunchersTest {
  private static final Path LAUNCHERS = Path.of("packaging/bin");

  @TempDir Path folder;
  private Path home;
  private Path jar;

  @BeforeEach
  void install() throws IOException {
    home = folder.resolve("home");
    Path bin = Files.createDirectories(home.resolve("bin"));
    try (Stream<Path> launchers = Files.list(LAUNCHERS)) {
      for (Path launcher : launchers.toList()) {
        Path copy = Files.copy(launcher, bin.resolve(launcher.getFileName()));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
    jar = Files.createDirectories(home.resolve("lib")).resolve("vmlog.jar");
    Files.writeString(jar, "classes");
    Files.createDirectories(home.resolve("archives"));
  }

  @ParameterizedTest
  @CsvSource({"17.0.15+6-Debian-1, false", "21.0.9+10, false", "24.0.2+12, true", "26+35, true"})
  void options_byTheJvmsVersion_areWhatItUnderstands(String version, boolean aot) throws Exception {
    String started = start("vmlog-forwarder", jvm(version));

    assertThat(started).contains("--enable-native-access=ALL-UNNAMED").contains("cds*=off");
    assertThat(started.contains("aot*=off")).isEqualTo(aot);
    assertThat(started).endsWith(" org.vmlog.cli.ForwarderCommand one two\n");
  }

  @Test
  void options_ofJvmThatDoesNotSayItsVersion_areThoseOfTheOldest() throws Exception {
    Path jvm = jvm("17.0.15+6");
    Files.delete(jvm.resolve("release"));

    assertThat(start("vmlog", jvm)).doesNotContain("aot*").doesNotContain("SharedArchiveFile");
  }

  @Test
  void archive_ofThisJvmAndTheseJars_isUsed() throws Exception {
    archive("vmlog", "17.0.15+6");

    assertThat(start("vmlog", jvm("17.0.15+6"))).contains("-XX:SharedArchiveFile=" + home);
  }

  @Test
  void archive_ofAnotherJvm_isNotUsed() throws Exception {
    archive("vmlog", "17.0.15+6");

    assertThat(start("vmlog", jvm("17.0.16+8"))).doesNotContain("SharedArchiveFile");
  }

  @Test
  void archive_ofJarThatWasReplaced_isNotUsed() throws Exception {
    archive("vmlog", "17.0.15+6");
    Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2001-01-01T00:00:00Z")));

    assertThat(start("vmlog", jvm("17.0.15+6"))).doesNotContain("SharedArchiveFile");
  }

  @Test
  void archive_withAnotherJar_isNotUsed() throws Exception {
    archive("vmlog", "17.0.15+6");
    Files.writeString(home.resolve("lib/another.jar"), "more classes");

    assertThat(start("vmlog", jvm("17.0.15+6"))).doesNotContain("SharedArchiveFile");
  }

  /** As one that was being made when the power went. */
  @Test
  void archive_ofNobodyKnowsWhat_isNotUsed() throws Exception {
    archive("vmlog", "17.0.15+6");
    Files.delete(home.resolve("archives/vmlog.from"));

    assertThat(start("vmlog", jvm("17.0.15+6"))).doesNotContain("SharedArchiveFile");
  }

  /** Of every JVM that this machine has. */
  @ParameterizedTest
  @MethodSource("realJvms")
  void program_onEachJvm_printsNothingOfTheJvms(Path jvm) throws IOException {
    Installation installed = Installation.in(folder.resolve("installed"));
    for (String program : List.of("vmlog", "vmlog-forwarder", "vmlog-realmd", "vmlog-ship")) {
      // Loads native code, prints one line and ends.
      String said =
          new ShellCommand()
              .with("JAVA_HOME", jvm.toString())
              .run(installed.program(program) + " --version");

      assertThat(said).as(program).matches("vmlog[^ ]* [^ \n]+\n");
    }
    String bus = folder.resolve("bus").toString();
    String said =
        new ShellCommand()
            .with("JAVA_HOME", jvm.toString())
            .run(installed.program("vmlog") + " status --bus unix:path=" + bus + " || true");

    assertThat(said).as("native code is loaded for it").contains(bus).hasLineCount(1);
  }

  /** picocli reads arguments from files unless it is told not to. */
  @ParameterizedTest
  @ValueSource(strings = {"vmlog", "vmlog-forwarder", "vmlog-realmd", "vmlog-ship"})
  void argument_withAnAt_isNotTakenForAFilesArguments(String program) throws IOException {
    Path arguments = Files.writeString(folder.resolve("arguments"), "--version\n");

    Path installed = Installation.in(folder.resolve("installed")).program(program);

    String said = new ShellCommand().run(installed + " @" + arguments + " || true");

    assertThat(said).isNotEmpty().doesNotStartWith("vmlog ").doesNotContain("not found");
  }

  static List<Path> realJvms() throws IOException {
    List<Path> homes = new ArrayList<>();
    Path all = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(all)) {
      try (Stream<Path> found = Files.list(all)) {
        found
            .filter(home -> !Files.isSymbolicLink(home))
            .filter(home -> Files.isExecutable(home.resolve("bin/java")))
            .forEach(homes::add);
      }
    }
    return homes.isEmpty() ? List.of(Path.of(System.getProperty("java.home"))) : homes;
  }

  private String start(String program, Path jvm) throws IOException {
    return new ShellCommand()
        .with("JAVA_HOME", jvm.toString())
        .with("VMLOG_JAVA_OPTS", "")
        .run(home.resolve("bin").resolve(program) + " one two");
  }

  /** A JVM that prints its options. */
  private Path jvm(String version) throws IOException {
    Path jvm = folder.resolve("jvm-" + version);
    Path java = Files.createDirectories(jvm.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho \"$@\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(
        jvm.resolve("release"),
        "IMPLEMENTOR=\"Somebody\"\nJAVA_RUNTIME_VERSION=\"" + version + "\"\nOS_ARCH=\"x\"\n");
    return jvm;
  }

  /** An archive as make-archives leaves it. */
  private void archive(String name, String version) throws IOException {
    Files.writeString(home.resolve("archives").resolve(name + ".jsa"), "classes");
    new ShellCommand()
        .with("JAVA_HOME", jvm(version).toString())
        .run(
            "cd %s && sh -c '. ./jvm && made_from >../archives/%s.from' ./vmlog"
                .formatted(home.resolve("bin"), name));
  }
}
