package org.vmlog.config;

import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;

/**
 * Everything vmlog-ship can be told, checked and with defaults filled in. Immutable.
 *
 * @param serviceName {@code service.name} of what is sent in OpenTelemetry's format, with {@code
 *     {owner}}, {@code {name}} and {@code {host}} for the VM's
 * @param stateDirectory where it keeps how far it got
 * @param memoryBytes of lines that are under way
 * @param metrics where they are shown, if they are
 */
public record ShipConfig(
    Host host,
    String serviceName,
    Logs logs,
    Path stateDirectory,
    long memoryBytes,
    Target target,
    Optional<SocketAddress> metrics,
    Level logLevel) {

  /**
   * Which host's logs they are.
   *
   * @param id unique and for ever the same; the machine id if empty
   * @param name the host's own if empty
   */
  public record Host(Optional<String> id, Optional<String> name) {}

  /**
   * Where the forwarder keeps what is to be shipped.
   *
   * @param directory its log folder
   * @param state its state folder
   */
  public record Logs(Path directory, Path state) {}

  /** Where to ship to. */
  public sealed interface Target permits Kafka, Syslog, Otlp {}

  /**
   * A syslog server that is reached by TLS.
   *
   * @param maxMessageBytes not more than the server takes as one message
   */
  public record Syslog(String host, int port, Tls tls, int maxMessageBytes) implements Target {}

  /** How OTLP is spoken, as the specification names it. */
  public enum Protocol {
    GRPC,
    HTTP_PROTOBUF
  }

  /**
   * A receiver of OTLP.
   *
   * @param path of its URL, by HTTP
   * @param headersFile with what each call says of who we are
   * @param compression {@code gzip} or {@code none}
   * @param maxMessageBytes not more than the receiver takes
   */
  public record Otlp(
      String host,
      int port,
      Protocol protocol,
      String path,
      Optional<Tls> tls,
      Optional<Path> headersFile,
      String compression,
      int maxMessageBytes)
      implements Target {}

  /**
   * A topic of Apache Kafka.
   *
   * @param bootstrap {@code HOST:PORT}, separated by commas
   * @param compression as Kafka calls it
   * @param maxMessageBytes not more than the topic's {@code max.message.bytes}
   */
  public record Kafka(
      String bootstrap,
      String topic,
      Format format,
      String compression,
      int maxMessageBytes,
      Optional<Tls> tls,
      Optional<Login> login)
      implements Target {}

  /** What a message looks like. */
  public enum Format {
    OTLP,
    JSON
  }

  /**
   * TLS, with files in PEM.
   *
   * @param authorities who may sign the other side's certificate; whom Java trusts if empty
   * @param identity our own certificate, if one is wanted
   */
  public record Tls(Optional<Path> authorities, Optional<Identity> identity) {

    /** All files that it is made of. */
    public List<Path> files() {
      return Stream.of(
              authorities.stream(),
              identity.map(Identity::certificate).stream(),
              identity.map(Identity::key).stream())
          .flatMap(files -> files)
          .toList();
    }
  }

  /**
   * Who we are.
   *
   * @param key PKCS #8, not encrypted
   */
  public record Identity(Path certificate, Path key) {}

  /**
   * A user by SASL.
   *
   * @param passwordFile the password, and maybe a newline
   */
  public record Login(String mechanism, String user, Path passwordFile) {}
}
