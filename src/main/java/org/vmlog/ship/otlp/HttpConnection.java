package org.vmlog.ship.otlp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.ShipConfig;
import org.vmlog.platform.Threads;
import org.vmlog.ship.TlsFiles;

/**
 * OTLP/HTTP with binary protobuf: each export a POST (the OTLP specification, "OTLP/HTTP"). Always
 * HTTP/1.1, since the client would otherwise ask each server on a plain connection to upgrade,
 * which some refuse. Thread-safe; answers come on threads of its own.
 */
final class HttpConnection implements OtlpConnection {
  /** Each has a connection of its own. */
  private static final int MAX_UNDER_WAY = 8;

  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(5);

  private static final Duration IDLE = Duration.ofSeconds(10);

  private final Client client;
  private final HttpRequest.Builder request;
  private final boolean zipped;

  /** A client, and what stood in the files that it was made of. */
  private record Client(HttpClient http, List<String> files) {}

  private HttpConnection(Client client, HttpRequest.Builder request, boolean zipped) {
    this.client = client;
    this.request = request;
    this.zipped = zipped;
  }

  /**
   * A client cannot be closed before Java 21, and has a thread until it is collected, so the former
   * one is used as long as it may be.
   */
  static HttpConnection open(
      ShipConfig.Otlp receiver, Map<String, String> headers, @Nullable OtlpConnection former)
      throws IOException {
    boolean zipped = !receiver.compression().equals("none");
    HttpRequest.Builder request = request(receiver, headers, zipped);
    List<String> files = new ArrayList<>();
    if (receiver.tls().isPresent()) {
      for (Path file : receiver.tls().get().files()) {
        files.add(Files.readString(file, StandardCharsets.US_ASCII));
      }
    }
    Client client =
        former instanceof HttpConnection http && http.client.files.equals(files)
            ? http.client
            : new Client(client(receiver.tls()), files);
    return new HttpConnection(client, request, zipped);
  }

  private static HttpClient client(Optional<ShipConfig.Tls> tls) throws IOException {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            2,
            2,
            IDLE.toSeconds(),
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Threads.named("vmlog-otlp-http"));
    threads.allowCoreThreadTimeOut(true);
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER) // a token is for the receiver alone
            .connectTimeout(CONNECT_PATIENCE)
            .executor(threads);
    try {
      return tls.isEmpty()
          ? client.build()
          : client.sslContext(TlsFiles.context(tls.get())).build();
    } catch (GeneralSecurityException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static HttpRequest.Builder request(
      ShipConfig.Otlp receiver, Map<String, String> headers, boolean zipped) throws IOException {
    String scheme = receiver.tls().isPresent() ? "https" : "http";
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(
                  URI.create(
                      scheme + "://" + receiver.host() + ":" + receiver.port() + receiver.path()))
              .timeout(Duration.ofSeconds(PATIENCE_SECONDS));
      headers.forEach(request::setHeader);
      request.setHeader("User-Agent", "vmlog-ship");
      request.setHeader("Content-Type", "application/x-protobuf");
      if (zipped) {
        request.setHeader("Content-Encoding", "gzip");
      }
      return request;
    } catch (IllegalArgumentException e) {
      throw OtlpConnection.badHeader(receiver, e);
    }
  }

  @Override
  public void export(byte[] message, Listener listener) {
    HttpRequest post =
        request
            .copy()
            .POST(HttpRequest.BodyPublishers.ofByteArray(zipped ? zip(message) : message))
            .build();
    var unused =
        client
            .http
            .sendAsync(post, response -> new Answer())
            .whenComplete((response, failure) -> tell(response, failure, listener));
  }

  private static void tell(
      @Nullable HttpResponse<byte[]> response, @Nullable Throwable failure, Listener listener) {
    if (response == null) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      listener.failed(OtlpFault.of(cause == null ? new IOException("no answer") : cause));
    } else if (response.statusCode() == 200 && response.body().length >= MAX_ANSWER_BYTES) {
      listener.failed(OtlpFault.answerTooLong());
    } else if (response.statusCode() == 200) {
      listener.taken(ExportAnswer.of(response.body()));
    } else {
      listener.failed(
          OtlpFault.of(
              response.statusCode(),
              response.headers().firstValue("Retry-After").orElse(""),
              response.body()));
    }
  }

  private static byte[] zip(byte[] message) {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream(message.length / 4 + 64);
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(message);
    } catch (IOException e) {
      throw new IllegalStateException(e); // into memory
    }
    return zipped.toByteArray();
  }

  @Override
  public int limit() {
    return MAX_UNDER_WAY;
  }

  /** What is under way ends by itself. */
  @Override
  public void close() {}

  /** An answer's body up to a limit; what is behind it is left unread, with its connection. */
  private static final class Answer implements HttpResponse.BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        byte[] next = new byte[Math.min(buffer.remaining(), MAX_ANSWER_BYTES - bytes.size())];
        buffer.get(next);
        bytes.writeBytes(next);
      }
      if (bytes.size() >= MAX_ANSWER_BYTES) {
        body.complete(bytes.toByteArray());
        if (subscription != null) {
          subscription.cancel();
        }
      } else if (subscription != null) {
        subscription.request(1);
      }
    }

    @Override
    public void onError(Throwable cause) {
      body.completeExceptionally(cause);
    }

    @Override
    public void onComplete() {
      body.complete(bytes.toByteArray());
    }
  }
}
