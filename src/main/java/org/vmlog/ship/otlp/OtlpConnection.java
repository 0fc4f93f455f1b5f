package org.vmlog.ship.otlp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.vmlog.config.ShipConfig;

/**
 * A channel, and the headers of each call on it, made of files as they are at that moment.
 * Immutable, thread-safe.
 */
record OtlpConnection(ManagedChannel channel, Metadata headers) {
  private static final int MAX_ANSWER_BYTES = 1 << 20;

  /** Nothing is sent yet. */
  static OtlpConnection open(ShipConfig.Otlp receiver) throws IOException {
    Metadata headers = headers(receiver.headersFile());
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(
                receiver.host(), receiver.port(), credentials(receiver.tls()))
            .directExecutor() // nothing that an answer does blocks
            .disableRetry() // what is sent again is ours to say
            .maxInboundMessageSize(MAX_ANSWER_BYTES)
            .userAgent("vmlog-ship")
            .build();
    return new OtlpConnection(channel, headers);
  }

  private static ChannelCredentials credentials(Optional<ShipConfig.Tls> tls) throws IOException {
    if (tls.isEmpty()) {
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
    if (tls.get().authorities().isPresent()) {
      builder.trustManager(file(tls.get().authorities().get()));
    }
    if (tls.get().identity().isPresent()) {
      ShipConfig.Identity own = tls.get().identity().get();
      builder.keyManager(file(own.certificate()), file(own.key()));
    }
    return builder.build();
  }

  private static File file(Path path) {
    return path.toFile();
  }

  /** A line {@code NAME: VALUE} each, as curl(1) takes them by {@code -H @FILE}. */
  private static Metadata headers(Optional<Path> file) throws IOException {
    Metadata headers = new Metadata();
    if (file.isEmpty()) {
      return headers;
    }
    for (String line : Files.readAllLines(file.get(), US_ASCII)) {
      int colon = line.indexOf(':');
      if (line.isBlank()) {
        continue;
      }
      if (colon < 1) {
        throw new IOException(file.get() + " has a line that is not \"NAME: VALUE\"");
      }
      try {
        headers.put(
            Metadata.Key.of(line.substring(0, colon).strip(), Metadata.ASCII_STRING_MARSHALLER),
            line.substring(colon + 1).strip());
      } catch (IllegalArgumentException e) {
        throw new IOException(file.get() + " has a name that gRPC does not take", e);
      }
    }
    return headers;
  }

  void close() {
    channel.shutdownNow();
  }
}
