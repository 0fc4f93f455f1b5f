package org.vmlog.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.Threads;

/**
 * Serves the page on 127.0.0.1, by HTTP/1.1, one request a connection. Other users of this host can
 * connect, too: what they can take is a connection of {@link #MAX_CONNECTIONS}, for as long as a
 * request may take to arrive.
 *
 * <p>Each connection has a thread of its own. Thread-safe.
 */
public final class WebServer implements AutoCloseable {
  static final Duration REQUEST_PATIENCE = Duration.ofSeconds(5);
  static final int MAX_CONNECTIONS = 32;
  static final int MAX_STREAMS = 8;

  private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);

  private final WebLogs logs;
  private final WebToken token;
  private final Gate gate;
  private final ServerSocket listener;
  private final ThreadFactory threads = Threads.named("vmlog-web");
  private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);
  private final Semaphore streams = new Semaphore(MAX_STREAMS);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private WebServer(WebLogs logs, WebToken token, ServerSocket listener) {
    this.logs = logs;
    this.token = token;
    this.listener = listener;
    this.gate = new Gate(token, listener.getLocalPort());
  }

  /**
   * Starts to serve.
   *
   * @param port 0 for any that is free
   * @throws BindException if it is somebody else's
   */
  public static WebServer start(WebLogs logs, WebToken token, int port) throws IOException {
    ServerSocket listener = new ServerSocket();
    try {
      listener.setReuseAddress(true);
      InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
      listener.bind(new InetSocketAddress(loopback, port));
    } catch (BindException e) {
      listener.close();
      BindException named = new BindException("port " + port + " of 127.0.0.1: " + e.getMessage());
      named.initCause(e);
      throw named;
    }
    WebServer server = new WebServer(logs, token, listener);
    server.threads.newThread(server::accept).start();
    return server;
  }

  /** What to open in a browser; whoever knows it may see the page. */
  public String address() {
    return "http://127.0.0.1:" + listener.getLocalPort() + "/" + token + "/";
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        connections.acquire();
        Socket socket = listener.accept();
        open.add(socket);
        threads.newThread(() -> serve(socket)).start();
      } catch (IOException e) {
        connections.release();
        LOG.debug("cannot accept", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16)) {
      try {
        answer(HttpRequest.read(socket, REQUEST_PATIENCE), out);
      } catch (HttpRequest.MalformedException e) {
        HttpAnswer.refuse(out, "400 Bad Request", String.valueOf(e.getMessage()));
      }
    } catch (IOException e) {
      LOG.debug("a connection broke off", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
      connections.release();
    }
  }

  private void answer(HttpRequest request, OutputStream out)
      throws IOException, InterruptedException {
    Optional<String> path = gate.admit(request);
    if (path.isEmpty()) {
      HttpAnswer.refuse(
          out, "403 Forbidden", "Open the address that vmlog web has printed, all of it.");
    } else if (!request.method().equals("GET")) {
      HttpAnswer.refuse(out, "405 Method Not Allowed", "Only GET is allowed.");
    } else if (path.get().equals("stream")) {
      stream(request, out);
    } else {
      Optional<PageFile> file = PageFile.at(path.get());
      if (file.isPresent()) {
        HttpAnswer.send(out, "200 OK", file.get().type, file.get().read());
      } else {
        HttpAnswer.refuse(out, "404 Not Found", "There is no such file.");
      }
    }
  }

  private void stream(HttpRequest request, OutputStream out)
      throws IOException, InterruptedException {
    StreamQuery query;
    try {
      query = StreamQuery.of(request);
    } catch (IllegalArgumentException e) {
      end(out, String.valueOf(e.getMessage()));
      return;
    }
    if (!streams.tryAcquire()) {
      end(out, "%s pages are open; allowed are %s".formatted(MAX_STREAMS, MAX_STREAMS));
      return;
    }
    try {
      HttpAnswer.begin(out, "text/event-stream");
      new StreamPump(logs, query, out).run(threads);
    } finally {
      streams.release();
    }
  }

  /** A browser tells a page nothing of an answer that is no stream. */
  private void end(OutputStream out, String why) throws IOException {
    HttpAnswer.begin(out, "text/event-stream");
    String event = new StreamText(logs.zone()).event(List.of(new StreamItem.Failed(why)));
    out.write(event.getBytes(UTF_8));
    out.flush();
  }

  /** Ends every connection. */
  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
