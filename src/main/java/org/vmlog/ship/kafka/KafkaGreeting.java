package org.vmlog.ship.kafka;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.vmlog.config.ShipConfig;
import org.vmlog.ship.EngineState;
import org.vmlog.ship.EngineState.Kind;
import org.vmlog.ship.TlsFiles;

/**
 * Makes sure that who listens at a bootstrap address speaks Kafka. Kafka's clients believe the
 * first four bytes that come to be the length of what follows, and set that much memory aside: the
 * beginning of an answer by TLS or HTTP is some hundred MB or more. So each address is asked for
 * its versions first ({@code ApiVersions}, which is allowed before all else), and its answer is not
 * believed. Immutable; waits for answers.
 *
 * @param topic where it is to be
 */
record KafkaGreeting(ShipConfig.Kafka topic) {
  private static final short API_VERSIONS = 18;
  private static final int CORRELATION = 0x766d6c67;

  /** An answer has some 500 bytes. */
  private static final int MAX_ANSWER = 64 << 10;

  private static final byte TLS_ALERT = 0x15;
  private static final byte TLS_HANDSHAKE = 0x16;

  /**
   * What is wrong with an address at which something else than Kafka is spoken. Who is away, or
   * refuses us, is none: that the clients tell well themselves.
   */
  Optional<EngineState> stranger() {
    for (String address : topic.bootstrap().split(",", -1)) {
      Optional<EngineState> stranger = stranger(address);
      if (stranger.isPresent()) {
        return stranger;
      }
    }
    return Optional.empty();
  }

  private Optional<EngineState> stranger(String address) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    int port = Integer.parseInt(address.substring(colon + 1));
    try {
      for (InetAddress one : InetAddress.getAllByName(host)) {
        Optional<String> spoken = spoken(host, new InetSocketAddress(one, port));
        if (spoken.isPresent()) {
          return Optional.of(
              new EngineState(Kind.REFUSED, address + " does not speak Kafka; " + spoken.get()));
        }
      }
    } catch (IOException e) {
      return Optional.empty(); // no such name
    }
    return Optional.empty();
  }

  /** What is spoken there instead. */
  private Optional<String> spoken(String host, InetSocketAddress address) {
    try (Socket plain = new Socket()) {
      plain.connect(address, KafkaSettings.ANSWER_MILLIS);
      plain.setSoTimeout(KafkaSettings.ANSWER_MILLIS);
      if (topic.tls().isEmpty()) {
        return ask(plain);
      }
      try (SSLSocket secure =
          (SSLSocket)
              TlsFiles.context(topic.tls().get())
                  .getSocketFactory()
                  .createSocket(plain, host, address.getPort(), true)) {
        secure.startHandshake();
        return ask(secure);
      }
    } catch (IOException | GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> ask(Socket socket) throws IOException {
    ByteBuffer request = ByteBuffer.allocate(14);
    request.putInt(10).putShort(API_VERSIONS).putShort((short) 0).putInt(CORRELATION);
    request.putShort((short) -1); // no client id
    socket.getOutputStream().write(request.array());
    byte[] head = new byte[8];
    new DataInputStream(socket.getInputStream()).readFully(head, 0, 4);
    int length = ByteBuffer.wrap(head).getInt();
    if (length >= 4 && length <= MAX_ANSWER) {
      new DataInputStream(socket.getInputStream()).readFully(head, 4, 4);
      if (ByteBuffer.wrap(head).getInt(4) == CORRELATION) {
        return Optional.empty();
      }
    }
    return Optional.of(guess(head));
  }

  private static String guess(byte[] head) {
    if (head[0] == TLS_ALERT || head[0] == TLS_HANDSHAKE) {
      return "it speaks TLS, and kafka.tls is not set";
    }
    return new String(head, 0, 4, StandardCharsets.US_ASCII).equals("HTTP")
        ? "it speaks HTTP"
        : "its answer has no length and number of ours";
  }
}
