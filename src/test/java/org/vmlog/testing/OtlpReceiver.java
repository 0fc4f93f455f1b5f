package org.vmlog.testing;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A receiver of OTLP in Python, with gRPC's C core or by HTTP; what it took is read with
 * OpenTelemetry's own classes. Confined to one thread.
 */
public final class OtlpReceiver implements AutoCloseable {
  private static final String PYTHON = "/usr/bin/python3";
  private static final String PROGRAM = "src/test/python/otlp_receiver.py";

  /** The process of it. */
  private static final class Receiver extends ProgramProcess {
    Receiver(List<String> command) throws IOException {
      super(command, Map.of());
      awaitReady();
    }
  }

  private final Path folder;
  private final int port = TestHost.freeTcpAddress().getPort();
  private final String protocol;
  private final List<String> tls;
  private Receiver process;

  private OtlpReceiver(Path folder, String protocol, List<String> tls) throws IOException {
    this.protocol = protocol;
    this.folder = Files.createDirectories(folder);
    this.tls = tls;
    answer("OK");
  }

  /** Whether this machine has Debian's python3 with its gRPC. */
  public static boolean isAvailable() {
    return Files.exists(Path.of("/usr/lib/python3/dist-packages/grpc/__init__.py"));
  }

  /** Starts one by gRPC that anybody may send to. */
  public static OtlpReceiver start(Path folder) throws IOException {
    return start(folder, "grpc");
  }

  /**
   * Starts one that anybody may send to.
   *
   * @param protocol as vmlog-ship's configuration calls it
   */
  public static OtlpReceiver start(Path folder, String protocol) throws IOException {
    OtlpReceiver receiver = new OtlpReceiver(folder, protocol, List.of());
    receiver.restart();
    return receiver;
  }

  /** Starts one that speaks TLS, as {@code server}, and wants a certificate from its clients. */
  public static OtlpReceiver startWithTls(Path folder, String protocol, Certificates certificates)
      throws IOException {
    OtlpReceiver receiver =
        new OtlpReceiver(
            folder,
            protocol,
            List.of(
                certificates.certificate("server").toString(),
                certificates.key("server").toString(),
                certificates.authority().toString()));
    receiver.restart();
    return receiver;
  }

  public void restart() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                PYTHON,
                PROGRAM,
                protocol.replace("/protobuf", ""),
                Integer.toString(port),
                folder.toString()));
    command.addAll(tls);
    process = new Receiver(command);
  }

  public void stop() {
    process.close();
  }

  public int port() {
    return port;
  }

  public String protocol() {
    return protocol;
  }

  /** How many requests it has answered by now, but for empty ones. */
  public int calls() throws IOException {
    Path calls = folder.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
  }

  /** What it answers from now on, as its program says. */
  public void answer(String answer) throws IOException {
    Path unfinished = Files.writeString(folder.resolve("answer.new"), answer);
    Files.move(unfinished, folder.resolve("answer"), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The headers of the last request. */
  public String headers() throws IOException {
    return Files.readString(folder.resolve("headers"));
  }

  /** The requests that it took, in order. */
  public List<ExportLogsServiceRequest> requests() throws IOException {
    List<ExportLogsServiceRequest> requests = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files.filter(one -> one.getFileName().toString().matches("\\d+")).sorted().toList()) {
        requests.add(ExportLogsServiceRequest.parseFrom(Files.readAllBytes(file)));
      }
    }
    return requests;
  }

  /** The records of those. */
  public List<LogRecord> records() throws IOException {
    return requests().stream()
        .flatMap(request -> request.getResourceLogsList().stream())
        .flatMap(resource -> resource.getScopeLogsList().stream())
        .flatMap(scope -> scope.getLogRecordsList().stream())
        .toList();
  }

  @Override
  public void close() {
    stop();
  }
}
