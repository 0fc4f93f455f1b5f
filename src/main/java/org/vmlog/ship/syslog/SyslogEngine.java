package org.vmlog.ship.syslog;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.ShipConfig;
import org.vmlog.platform.Threads;
import org.vmlog.ship.Encoder;
import org.vmlog.ship.Engine;
import org.vmlog.ship.EngineGate;
import org.vmlog.ship.EngineState;
import org.vmlog.ship.EngineState.Kind;
import org.vmlog.ship.Outcome;
import org.vmlog.ship.Shipment;
import org.vmlog.ship.TlsFiles;

/**
 * Writes messages to a syslog server by TLS, RFC 5425.
 *
 * <p>The protocol has no acknowledgement. What counts as one here is that the connection has taken
 * the bytes, so what was in its buffers when it broke may be lost; before each write it is looked
 * at whether the server has closed it. A server that takes nothing holds up a write, which a second
 * thread sees: after some seconds that is the state, and later it closes the connection.
 *
 * <p>Thread-safe; {@link #send} is called on one thread.
 */
public final class SyslogEngine implements Engine {
  private static final Logger LOG = LoggerFactory.getLogger(SyslogEngine.class);
  private static final int ANSWER_MILLIS = 5000;
  private static final long WATCH_MILLIS = 1000;
  private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** No write is under way. */
  private static final long IDLE = Long.MIN_VALUE;

  private final ShipConfig.Syslog server;
  private final Encoder encoder;
  private final ScheduledThreadPoolExecutor worker;
  private final ScheduledThreadPoolExecutor watch;
  private final EngineGate gate;

  private volatile @Nullable Connection connection; // changed by the worker
  private volatile long writingSince = IDLE;

  /** TLS, and what is below it: that can be closed while a write hangs. */
  private record Connection(Socket plain, SSLSocket secure) {}

  private SyslogEngine(ShipConfig.Syslog server, Encoder encoder) {
    this.server = server;
    this.encoder = encoder;
    this.worker = Threads.timer("vmlog-syslog");
    this.watch = Threads.timer("vmlog-syslog-watch");
    this.gate = new EngineGate(worker, this::look);
  }

  /** Connects, some time later. */
  public static SyslogEngine start(ShipConfig.Syslog server, Encoder encoder) {
    SyslogEngine engine = new SyslogEngine(server, encoder);
    engine.gate.start();
    var unused =
        engine.watch.scheduleWithFixedDelay(
            engine::watch, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    return engine;
  }

  @Override
  public String name() {
    return "syslog " + server.host() + ":" + server.port();
  }

  @Override
  public EngineState state() {
    return gate.state();
  }

  @Override
  public boolean isOpen() {
    return gate.isOpen();
  }

  @Override
  public void send(Shipment shipment, Consumer<Outcome> outcome) {
    byte[] messages = encoder.encode(shipment).get(0);
    gate.sending();
    try {
      worker.execute(() -> outcome.accept(write(messages)));
    } catch (RejectedExecutionException e) {
      outcome.accept(Outcome.RETRY);
    }
  }

  private Outcome write(byte[] messages) {
    Connection to = connection;
    if (to == null) {
      return Outcome.RETRY; // lost since
    }
    try {
      if (isClosed(to.secure())) {
        throw closedByServer();
      }
      writingSince = System.nanoTime();
      OutputStream out = to.secure().getOutputStream();
      out.write(messages);
      out.flush();
      gate.took();
      return Outcome.ACKNOWLEDGED;
    } catch (IOException e) {
      letGo();
      gate.failed(state(e), Optional.empty());
      return Outcome.RETRY;
    } finally {
      writingSince = IDLE;
    }
  }

  private static IOException closedByServer() {
    return new IOException("the server has closed the connection");
  }

  /** A server says nothing by this protocol: what comes is the end, in whatever form. */
  private static boolean isClosed(SSLSocket to) throws IOException {
    to.setSoTimeout(1);
    try {
      return to.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  private void watch() {
    long since = writingSince;
    if (since == IDLE) {
      try {
        worker.execute(this::lookWhetherItIsClosed);
      } catch (RejectedExecutionException e) {
        return; // closed
      }
      return;
    }
    long nanos = System.nanoTime() - since;
    if (nanos > SLOW_NANOS) {
      gate.stalled(
          new EngineState(
              Kind.UNREACHABLE,
              "the server has taken nothing for some seconds; the connection stands"));
    }
    Connection to = connection;
    if (nanos > STUCK_NANOS && to != null) {
      close(to.plain()); // the write fails then
    }
  }

  private void lookWhetherItIsClosed() {
    Connection to = connection;
    try {
      if (to != null && isClosed(to.secure())) {
        throw closedByServer();
      }
    } catch (IOException e) {
      letGo();
      gate.lost(state(e), Optional.empty());
    }
  }

  private void look() {
    try {
      connection = connect();
      gate.found();
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      gate.notFound(state(e), Optional.empty());
    }
  }

  /** Tries each address of the name in turn; of failures the last is told. */
  private Connection connect() throws IOException, GeneralSecurityException {
    IOException last = new IOException("no address");
    for (InetAddress address : InetAddress.getAllByName(server.host())) {
      try {
        return connect(address);
      } catch (IOException e) {
        e.addSuppressed(last);
        last = e;
      }
    }
    throw last;
  }

  private Connection connect(InetAddress address) throws IOException, GeneralSecurityException {
    Socket plain = new Socket();
    try {
      plain.connect(new InetSocketAddress(address, server.port()), ANSWER_MILLIS);
      plain.setSoTimeout(ANSWER_MILLIS);
      plain.setKeepAlive(true);
      plain.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 20);
      plain.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 10);
      plain.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
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
      return new Connection(plain, secure);
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      close(plain);
      throw e;
    }
  }

  private static EngineState state(Exception cause) {
    boolean security = cause instanceof SSLException || cause instanceof GeneralSecurityException;
    return new EngineState(
        security ? Kind.WRONG_CREDENTIALS : Kind.UNREACHABLE, String.valueOf(cause.getMessage()));
  }

  private void letGo() {
    Connection closing = connection;
    connection = null;
    if (closing != null) {
      close(closing.secure());
      close(closing.plain());
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("closing a connection", e);
    }
  }

  @Override
  public void close() {
    watch.shutdownNow();
    try {
      worker.submit(this::letGo).get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      // The process ends, and the connection with it.
    }
    worker.shutdownNow();
  }
}
