package org.vmlog.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The other side of a server's sockets. A program of its own, so that its CPU time is not the
 * server's: it reads how many messages to send from a line of stdin, answers with a {@link Stretch}
 * on stdout, and ends with its stdin.
 */
interface Load {
  /** What is sent, and what a message is. */
  enum Kind {
    /** Unary requests of vm_tools.LogCollector. */
    REQUESTS,
    /** Batches of vmlog.v1.LogStream. */
    BATCHES,
    /** Syslog lines on a connection, as many in one write(2) as a request has records. */
    LINES,
    /** A VMM's lines, each a datagram. */
    DATAGRAMS;

    Load connect(List<Endpoint> endpoints, int recordsAtOnce) throws IOException {
      return switch (this) {
        case REQUESTS -> new GuestLoad(endpoints, recordsAtOnce);
        case BATCHES -> new StreamLoad(endpoints, recordsAtOnce);
        case LINES -> new LineLoad(endpoints, recordsAtOnce);
        case DATAGRAMS -> new VmmLoad(endpoints.get(0));
      };
    }
  }

  /**
   * Sends this many messages and waits until the last is answered, if they are.
   *
   * @param perSecond how many are sent in a second; 0 for as many as are answered
   */
  Stretch run(int messages, int perSecond) throws Exception;

  /**
   * How a stretch of messages went.
   *
   * @param nanos from the first message to the last answer
   * @param ackP50Nanos of a message, from its first byte handed to gRPC to its acknowledgement; 0
   *     if there is none
   */
  record Stretch(long nanos, long ackP50Nanos, long ackP99Nanos) {
    @Override
    public String toString() {
      return nanos + " " + ackP50Nanos + " " + ackP99Nanos;
    }

    /** Of acknowledgements that took so long, in any order. */
    static Stretch of(long nanos, long[] ackNanos) {
      Arrays.sort(ackNanos);
      return new Stretch(nanos, percentile(ackNanos, 50), percentile(ackNanos, 99));
    }

    private static long percentile(long[] sorted, int percent) {
      return sorted[(int) ((sorted.length - 1L) * percent / 100)];
    }

    static Stretch parse(String line) {
      String[] fields = line.split(" ");
      return new Stretch(
          Long.parseLong(fields[0]), Long.parseLong(fields[1]), Long.parseLong(fields[2]));
    }
  }

  /** The program: the kind, how many records at once, then the endpoints. */
  static void main(String[] args) throws Exception {
    // netty warns of each Unix socket that it has no SO_KEEPALIVE; failures are exceptions.
    Logger.getLogger("").setLevel(Level.SEVERE);
    List<Endpoint> endpoints = Arrays.stream(args).skip(2).map(Endpoint::parse).toList();
    Load load = Kind.valueOf(args[0]).connect(endpoints, Integer.parseInt(args[1]));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] order = line.split(" ");
      System.out.println(load.run(Integer.parseInt(order[0]), Integer.parseInt(order[1])));
    }
    System.exit(0);
  }
}
