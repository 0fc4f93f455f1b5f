package org.vmlog.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system of its own, which a test may fill. */
public record Tmpfs(Path path) implements AutoCloseable {

  /** Mounts it, or skips the test where that is not allowed. */
  public static Tmpfs mount(Path path, String options) throws Exception {
    Files.createDirectories(path);
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "only root can mount a tmpfs");
    Process mount = run("mount", "-t", "tmpfs", "-o", "mode=0755," + options, "x", path.toString());
    assumeTrue(mount.waitFor() == 0, "mount(8) refused: " + output(mount));
    return new Tmpfs(path);
  }

  public void remount(String options) throws Exception {
    Process mount = run("mount", "-o", "remount," + options, path.toString());
    assertThat(mount.waitFor()).as(output(mount)).isZero();
  }

  @Override
  public void close() throws Exception {
    Process umount = run("umount", path.toString());
    assertThat(umount.waitFor()).as(output(umount)).isZero();
  }

  private static Process run(String... command) throws IOException {
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
