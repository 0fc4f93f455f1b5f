package org.vmlog.sink;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.vmlog.platform.DatagramSender.Outcome;

/**
 * The journal of this host, or of a namespace of its own: each line is one entry, with its parts in
 * fields; see {@link JournalEntry}. Lines are of RFC 5424, which says all of them.
 *
 * <p>What a datagram has no room for goes in a file without a name, as the journal's protocol has
 * it. Where no such file can be made the line is cut and ends in {@code " [cut]"}. Confined to the
 * pipe's writer.
 */
public final class JournalSink extends DatagramSink {
  private final JournalEntry entry;

  /**
   * Connects to nothing yet.
   *
   * @param socket the journal's for its native protocol
   * @param owner and {@code name}: whose lines they are
   */
  public JournalSink(Path socket, String owner, String name) {
    super(socket);
    this.entry = new JournalEntry(owner, name);
  }

  @Override
  Outcome send(LineCursor line) {
    ByteBuffer whole = line.line(Integer.MAX_VALUE);
    int lineBytes = whole.remaining();
    ByteBuffer datagram = entry.of(whole);
    Outcome outcome = sender.send(datagram);
    if (outcome != Outcome.TOO_LARGE) {
      return outcome;
    }
    Outcome asFile = sender.sendAsFile(datagram);
    if (asFile != Outcome.TOO_LARGE) {
      return asFile;
    }
    int more = Math.max(0, datagram.remaining() - lineBytes);
    return sender.send(entry.of(line.line(sender.maxBytes() - more)));
  }
}
