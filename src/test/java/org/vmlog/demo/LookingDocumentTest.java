package org.vmlog.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.DocumentExamples;
import org.vmlog.testing.DocumentExamples.Example;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.ShellCommand;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.VmlogProcess;

/**
 * Runs the commands of docs/looking.md that begin with a dollar sign, by a shell, and holds what
 * they print against what stands below them. The logs are those of the demo's VMs.
 */
final class LookingDocumentTest {
  private static final Path DOCUMENT = Path.of("docs/looking.md");

  @TempDir Path folder;

  @Test
  void commands_ofTheDocument_printWhatStandsThere() throws Exception {
    Path programs = Files.createDirectory(folder.resolve("bin"));
    Path program =
        Files.writeString(
            programs.resolve("vmlog"),
            "#!/bin/sh\nexec " + VmlogProcess.shellCommand() + " \"$@\"\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    ShellCommand shell =
        new ShellCommand()
            .with("PATH", programs + ":" + System.getenv("PATH"))
            .with("VMLOG_DIRECTORY", folder.resolve("logs").toString())
            .with("VMLOG_METRICS", "unix:" + folder.resolve("run/metrics.sock"));
    List<Example> examples = examples();
    List<Example> ran = new ArrayList<>();
    afterADay(
        () -> {
          for (Example example : examples) {
            List<String> output = shell.run(example.command()).lines().toList();
            ran.add(new Example(example.command(), withoutTimes(output)));
          }
        });

    assertThat(text(ran)).isEqualTo(text(examples));
  }

  /** What is done while the VMs are live, when they have logged. */
  private interface Work {
    void run() throws Exception;
  }

  private void afterADay(Work work) throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1").withVm("bob", "db-1");
    try (ForwarderProcess forwarder = host.start();
        DemoVm web = vm(host, "alice", "web-1");
        DemoVm db = vm(host, "bob", "db-1")) {
      say(EverydayLine.BOOT_OF_WEB_1, web);
      say(EverydayLine.BOOT_OF_DB_1, db);
      say(EverydayLine.DAY_OF_WEB_1, web);
      say(EverydayLine.DAY_OF_DB_1, db);
      work.run();
    }
  }

  private DemoVm vm(TestHost host, String owner, String name) throws IOException {
    return new DemoVm(
        owner,
        name,
        0,
        new FollowedLog(folder.resolve("logs").resolve(owner).resolve(name + ".log")),
        host.grpcSocket(owner, name),
        host.datagramSocket(owner, name));
  }

  /** One after the other: a datagram is not answered, and may come later than what follows it. */
  private void say(List<EverydayLine> lines, DemoVm vm) throws Exception {
    Path log = folder.resolve("logs").resolve(vm.owner()).resolve(vm.name() + ".log");
    for (EverydayLine line : lines) {
      long before = lines(log);
      line.sayBy(vm, 1);
      Await.until("the line is there", () -> lines(log) == before + 1);
    }
  }

  private static long lines(Path log) throws IOException {
    return Files.exists(log) ? Files.readAllLines(log).size() : 0;
  }

  private List<Example> examples() throws IOException {
    List<Example> normal = new ArrayList<>();
    for (Example example : DocumentExamples.in(DOCUMENT)) {
      normal.add(new Example(example.command(), withoutTimes(example.output())));
    }
    return normal;
  }

  private List<String> withoutTimes(List<String> lines) {
    return lines.stream()
        .map(line -> line.replace(folder.toString(), "/tmp/vmlog-demo-1a2b3c"))
        .map(line -> line.replaceAll("[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d", "TIME"))
        .map(line -> line.replaceAll("\\d{4}-\\d\\d-\\d\\d[ T][\\d:+-]+", "TIME"))
        .map(line -> line.replaceAll("TIMESTAMP\":\"\\d+", "TIMESTAMP\":\"TIME"))
        .map(line -> line.replaceAll(" \\d+[smhd](?= |$)", " AGO"))
        .map(line -> line.replaceAll(" +", " "))
        .toList();
  }

  private static String text(List<Example> examples) {
    StringBuilder text = new StringBuilder();
    for (Example example : examples) {
      text.append("$ ").append(example.command()).append('\n');
      example.output().forEach(line -> text.append(line).append('\n'));
    }
    return text.toString();
  }
}
