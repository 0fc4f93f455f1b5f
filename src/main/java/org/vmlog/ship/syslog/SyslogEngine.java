package org.vmlog.ship.syslog;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.ShipConfig;
import org.vmlog.platform.Threads;
import org.vmlog.ship.Encoder;
import org.vmlog.ship.Engine;
import org.vmlog.ship.EngineState;
import org.vmlog.ship.EngineState.Kind;
import org.vmlog.ship.Outcome;
import org.vmlog.ship.Shipment;

/**
 * Writes messages to a syslog server by TLS, RFC 5425.
 *
 * <p>The protocol has no acknowledgement. What counts as one here is that the connection has taken
 * the bytes, so what was in its buffers when it broke may be lost; before each write it is looked
 * at whether the server has closed it. Thread-safe; {@link #send} is called on one thread.
 */
public final class SyslogEngine implements Engine {
  private static final int ANSWER_MILLIS = 5000;
  private static final long RETRY_MILLIS = 1000;

  private final ShipConfig.Syslog server;
  private final Encoder encoder;
  private final ScheduledThreadPoolExecutor worker;

  private volatile EngineState state = EngineState.CONNECTING;
  private @Nullable SSLSocket socket; // confined to the worker, but for close

  private SyslogEngine(ShipConfig.Syslog server, Encoder encoder) {
    this.server = server;
    this.encoder = encoder;
    this.worker = new ScheduledThreadPoolExecutor(1, Threads.named("vmlog-syslog"));
  }

  /** Connects, some time later. */
  public static SyslogEngine start(ShipConfig.Syslog server, Encoder encoder) {
    SyslogEngine engine = new SyslogEngine(server, encoder);
    var unused =
        engine.worker.scheduleWithFixedDelay(engine::look, 0, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    return engine;
  }

  @Override
  public String name() {
    return "syslog " + server.host() + ":" + server.port();
  }

  @Override
  public EngineState state() {
    return state;
  }

  @Override
  public void send(Shipment shipment, Consumer<Outcome> outcome) {
    byte[] messages = encoder.encode(shipment).get(0);
    try {
      worker.execute(() -> outcome.accept(write(messages)));
    } catch (RejectedExecutionException e) {
      outcome.accept(Outcome.RETRY);
    }
  }

  private Outcome write(byte[] messages) {
    SSLSocket to = socket;
    if (to == null) {
      return Outcome.RETRY;
    }
    try {
      if (isClosed(to)) {
        throw new IOException("the server has closed the connection");
      }
      OutputStream out = to.getOutputStream();
      out.write(messages);
      out.flush();
      return Outcome.ACKNOWLEDGED;
    } catch (IOException e) {
      failed(e);
      return Outcome.RETRY;
    }
  }

  /** A server says nothing by this protocol: what comes is the end, in whatever form. */
  private static boolean isClosed(SSLSocket to) throws IOException {
    to.setSoTimeout(1);
    try {
      return to.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    }
  }

  private void look() {
    try {
      SSLSocket open = socket;
      if (open != null && isClosed(open)) {
        throw new IOException("the server has closed the connection");
      }
      if (open == null) {
        socket = connect();
        state = EngineState.READY;
      }
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      failed(e); // Nothing may end the watch.
    }
  }

  private SSLSocket connect() throws IOException, GeneralSecurityException {
    Socket plain = new Socket();
    try {
      plain.connect(new InetSocketAddress(server.host(), server.port()), ANSWER_MILLIS);
      plain.setSoTimeout(ANSWER_MILLIS);
      plain.setKeepAlive(true);
      SSLSocket secure =
          (SSLSocket)
              TlsFiles.context(server.tls())
                  .getSocketFactory()
                  .createSocket(plain, server.host(), server.port(), true);
      SSLParameters parameters = secure.getSSLParameters();
      // RFC 6125, which RFC 5425 section 5.2 asks for.
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secure.setSSLParameters(parameters);
      secure.startHandshake();
      // By TLS 1.3 a server that refuses our certificate says so after the handshake.
      if (isClosed(secure)) {
        throw new SSLException("the server has closed the connection after the handshake");
      }
      return secure;
    } catch (IOException | GeneralSecurityException e) {
      plain.close();
      throw e;
    }
  }

  private void failed(Exception cause) {
    boolean security = cause instanceof SSLException || cause instanceof GeneralSecurityException;
    state =
        new EngineState(
            security ? Kind.WRONG_CREDENTIALS : Kind.UNREACHABLE,
            String.valueOf(cause.getMessage()));
    letGo();
  }

  private void letGo() {
    SSLSocket closing = socket;
    socket = null;
    if (closing != null) {
      try {
        closing.close();
      } catch (IOException e) {
        state = new EngineState(Kind.UNREACHABLE, String.valueOf(e.getMessage()));
      }
    }
  }

  @Override
  public void close() {
    ExecutorService ending = worker;
    try {
      ending.submit(this::letGo).get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException
        | java.util.concurrent.TimeoutException
        | RejectedExecutionException e) {
      // The process ends, and the connection with it.
    }
    ending.shutdownNow();
  }
}
