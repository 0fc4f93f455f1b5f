package org.vmlog.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An authority of the test's own and what it signs, made by openssl(1). Immutable. */
public final class Certificates {
  private static final Path OPENSSL = Path.of("/usr/bin/openssl");

  private final Path folder;

  private Certificates(Path folder) {
    this.folder = folder;
  }

  /** Whether there is an openssl to make them with. */
  static boolean isAvailable() {
    return Files.isExecutable(OPENSSL);
  }

  /** Makes an authority; skips the test where there is no openssl. */
  public static Certificates in(Path folder) throws Exception {
    assumeTrue(isAvailable(), "openssl is missing (Debian package openssl)");
    Certificates made = new Certificates(Files.createDirectories(folder));
    made.openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca"
            + " -keyout ca.key -out ca.pem");
    return made;
  }

  /** Who is trusted. */
  public Path authority() {
    return folder.resolve("ca.pem");
  }

  /** Signs a certificate for this name and 127.0.0.1: {@code NAME.pem} and {@code NAME.key}. */
  public Certificates sign(String name) throws Exception {
    return signFor(name, "DNS:" + name + ",IP:127.0.0.1");
  }

  /** Signs one under the same name of a file, which is for another host. */
  public Certificates signForAnother(String name) throws Exception {
    return signFor(name, "DNS:another.example,IP:127.0.0.99");
  }

  /** Signs one under this name of a file, for what openssl(1) calls alternative names. */
  public Certificates signFor(String name, String alternatives) throws Exception {
    Files.writeString(folder.resolve("names"), "subjectAltName=" + alternatives + "\n");
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=%1$s -keyout %1$s.key"
                .formatted(name)
            + " -out %s.csr".formatted(name));
    openssl(
        "x509 -req -in %1$s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names"
                .formatted(name)
            + " -out %s.pem".formatted(name));
    return this;
  }

  public Path certificate(String name) {
    return folder.resolve(name + ".pem");
  }

  public Path key(String name) {
    return folder.resolve(name + ".key");
  }

  private void openssl(String arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(OPENSSL.toString()));
    command.addAll(List.of(arguments.split(" ")));
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ":\n" + Files.readString(said));
    }
  }
}
