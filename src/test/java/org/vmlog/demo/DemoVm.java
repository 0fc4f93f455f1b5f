package org.vmlog.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.record.Channel;
import org.vmlog.testing.Guest;

/**
 * A VM that was announced: its names, its file, and a guest and a VMM that use its sockets.
 * Confined to one thread.
 */
final class DemoVm implements AutoCloseable {
  private static final DateTimeFormatter RFC3164 =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT);

  private final String owner;
  private final String name;
  private final long cid;
  private final Path grpc;
  private final FollowedLog log;
  private final Guest guest;
  private final AFUNIXDatagramChannel vmm;

  /**
   * @param grpc the stream socket of its guest
   * @param lsock the datagram socket of its VMM
   */
  DemoVm(String owner, String name, long cid, FollowedLog log, Path grpc, Path lsock)
      throws IOException {
    this.owner = owner;
    this.name = name;
    this.cid = cid;
    this.grpc = grpc;
    this.log = log;
    this.guest = Guest.on(grpc);
    this.vmm = AFUNIXDatagramChannel.open();
    vmm.connect(AFUNIXSocketAddress.of(lsock));
  }

  String owner() {
    return owner;
  }

  String name() {
    return name;
  }

  long cid() {
    return cid;
  }

  Path grpc() {
    return grpc;
  }

  FollowedLog log() {
    return log;
  }

  String logName() {
    return owner + "/" + name + ".log";
  }

  /** Sends what any program says, on the way that such a program's lines take. */
  void say(Channel channel, LogSeverity severity, String text) throws IOException {
    byte[] content = text.getBytes(ISO_8859_1);
    if (channel == Channel.VMM) {
      sendDatagram(syslogLine(severity, text).getBytes(ISO_8859_1));
    } else {
      sendRecord(channel, severity, content);
    }
  }

  /** What syslog(3) would send: {@code <PRI>TIME TAG: TEXT}, with the VMM's own facility. */
  private static String syslogLine(LogSeverity severity, String text) {
    int pri = 8 * Channel.USER.facility() + severity.getNumber() - 1;
    return "<%d>%s %s".formatted(pri, RFC3164.format(LocalDateTime.now()), text);
  }

  /** Sends one record by gRPC and returns when it is acknowledged. */
  void sendRecord(Channel channel, LogSeverity severity, byte[] content) {
    long now = System.currentTimeMillis() / 1000;
    LogRequest request =
        LogRequest.newBuilder().addRecords(Guest.record(severity, now, content)).build();
    guest.send(channel == Channel.KERNEL ? Guest.Method.KERNEL : Guest.Method.USER, request);
  }

  /** Sends any bytes in the place of a request. */
  void sendRequest(byte[] request) {
    guest.send(Guest.Method.USER, request);
  }

  /** Sends a datagram as the VMM; nobody acknowledges those. */
  void sendDatagram(byte[] datagram) throws IOException {
    vmm.write(ByteBuffer.wrap(datagram));
  }

  @Override
  public void close() throws IOException {
    guest.close();
    vmm.close();
  }
}
