package org.vmlog.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file system of its own in which write(2) and open(2) hang in the kernel for as long as it is
 * frozen (fsfreeze(8)), as on a disk that does not answer. Not thread-safe.
 */
public final class FreezableDisk implements AutoCloseable {
  private final Path path;
  private boolean frozen;

  private FreezableDisk(Path path) {
    this.path = path;
  }

  /** Makes and mounts it, or skips the test where that is not allowed. */
  public static FreezableDisk mount(Path image, Path path) throws Exception {
    Files.createDirectories(path);
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "only root can mount a disk");
    must("truncate", "-s", "16M", image.toString());
    must("mke2fs", "-q", "-t", "ext4", image.toString());
    Process mount = run("mount", "-o", "loop", image.toString(), path.toString());
    assumeTrue(mount.waitFor() == 0, "mount(8) refused: " + output(mount));
    return new FreezableDisk(path);
  }

  /** From when this returns on, whoever writes to it waits for {@link #thaw}. */
  public void freeze() throws Exception {
    must("fsfreeze", "--freeze", path.toString());
    frozen = true;
  }

  public void thaw() throws Exception {
    frozen = false;
    must("fsfreeze", "--unfreeze", path.toString());
  }

  @Override
  public void close() throws Exception {
    if (frozen) {
      thaw();
    }
    must("umount", "--lazy", path.toString()); // a process of a test that failed may still be there
  }

  private static void must(String... command) throws Exception {
    Process process = run(command);
    String output = output(process);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static Process run(String... command) throws IOException {
    ProcessBuilder process = new ProcessBuilder(command).redirectErrorStream(true);
    process.environment().merge("PATH", "/usr/sbin:/sbin", (path, sbin) -> path + ":" + sbin);
    return process.start();
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
