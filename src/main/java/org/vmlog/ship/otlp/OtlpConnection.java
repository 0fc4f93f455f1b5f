package org.vmlog.ship.otlp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.ShipConfig;

/** A way to a receiver, made of files as they were at that moment. Thread-safe. */
interface OtlpConnection {
  /** What no answer comes within is no answer. */
  int PATIENCE_SECONDS = 30;

  /** Longer answers are not read to their end. */
  int MAX_ANSWER_BYTES = 1 << 20;

  /** Told once how an export ended, on a thread that may not be blocked. */
  interface Listener {
    void taken(ExportAnswer answer);

    void failed(OtlpFault fault);
  }

  /** Sends an {@code ExportLogsServiceRequest}; does not wait. */
  void export(byte[] request, Listener listener);

  /** How many exports may be under way at a time. */
  int limit();

  /** Gives up what is under way. */
  void close();

  /**
   * Opens one; nothing is sent yet.
   *
   * @param former whose parts may be used again where the files say the same
   */
  static OtlpConnection open(ShipConfig.Otlp receiver, @Nullable OtlpConnection former)
      throws IOException {
    Map<String, String> headers = headers(receiver.headersFile());
    return switch (receiver.protocol()) {
      case GRPC -> GrpcConnection.open(receiver, headers);
      case HTTP_PROTOBUF -> HttpConnection.open(receiver, headers, former);
    };
  }

  /** A line {@code NAME: VALUE} each, as curl(1) takes them by {@code -H @FILE}. */
  private static Map<String, String> headers(Optional<Path> file) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    if (file.isEmpty()) {
      return headers;
    }
    for (String line : Files.readAllLines(file.get(), StandardCharsets.US_ASCII)) {
      int colon = line.indexOf(':');
      if (line.isBlank()) {
        continue;
      }
      if (colon < 1) {
        throw new IOException(file.get() + " has a line that is not \"NAME: VALUE\"");
      }
      headers.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
    }
    return headers;
  }

  /** What a name that cannot be a header's is answered with. */
  static IOException badHeader(ShipConfig.Otlp receiver, IllegalArgumentException cause) {
    return new IOException(
        receiver.headersFile().map(Path::toString).orElse("")
            + " has a header that cannot be sent: "
            + cause.getMessage(),
        cause);
  }
}
