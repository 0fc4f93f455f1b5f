package org.vmlog.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The other side of the forwarder's sockets. A program of its own, so that its CPU time is not the
 * forwarder's: it reads how many requests to send from a line of stdin, answers with a {@link
 * Stretch} on stdout, and ends with its stdin.
 */
interface Load {
  /** What is sent. */
  enum Kind {
    REQUESTS,
    BATCHES,
    DATAGRAMS
  }

  /** Sends this many requests and waits until the last is answered. */
  Stretch run(int requests) throws Exception;

  /**
   * How a stretch of requests went.
   *
   * @param nanos from the first request to the last answer
   * @param ackP50Nanos of a request, from its first byte handed to gRPC to its OK; 0 if there is no
   *     answer
   */
  record Stretch(long nanos, long ackP50Nanos, long ackP99Nanos) {
    @Override
    public String toString() {
      return nanos + " " + ackP50Nanos + " " + ackP99Nanos;
    }

    static Stretch parse(String line) {
      String[] fields = line.split(" ");
      return new Stretch(
          Long.parseLong(fields[0]), Long.parseLong(fields[1]), Long.parseLong(fields[2]));
    }
  }

  /** The program: the kind, how many records at once, then the sockets' paths. */
  static void main(String[] args) throws Exception {
    // netty warns of each Unix socket that it has no SO_KEEPALIVE; failures are exceptions.
    Logger.getLogger("").setLevel(Level.SEVERE);
    int records = Integer.parseInt(args[1]);
    List<Path> sockets = Arrays.stream(args).skip(2).map(Path::of).toList();
    Load load =
        switch (Kind.valueOf(args[0])) {
          case REQUESTS -> new GuestLoad(sockets, records);
          case BATCHES -> new StreamLoad(sockets, records);
          case DATAGRAMS -> new VmmLoad(sockets.get(0));
        };
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(load.run(Integer.parseInt(line)));
    }
    System.exit(0);
  }
}
