package org.vmlog.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.List;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.record.Channel;

/**
 * Something that a guest or a VMM sends in order to be taken for somebody else, or to harm whoever
 * reads its log. Immutable.
 *
 * @param text each character is the byte of its number
 */
record HostileLine(String what, Channel channel, String text) {

  /** What web-1 sends; each becomes exactly one line, in web-1's file. */
  static final List<HostileLine> OF_WEB_1 =
      List.of(
          new HostileLine(
              "It says that it is db-1. Its socket says that it is web-1.",
              Channel.USER,
              "<0>Jan  1 00:00:00 db-1 kernel: Kernel panic - not syncing: forged"),
          new HostileLine(
              "A newline, and a forged line behind it. One record is one line.",
              Channel.USER,
              "login[9]: ok\n<0>Jan  1 00:00:00 db-1 kernel: forged"),
          new HostileLine(
              "Escape sequences that clear the reader's screen and set its title.",
              Channel.USER,
              "\033[2J\033]0;owned\007\033[31mroot#\033[0m \302\233K"),
          new HostileLine(
              "A NUL that ends the line early, and what overwrites it on paper.",
              Channel.KERNEL,
              "audit: uid=0\0 denied\rallowed\b\b"),
          new HostileLine(
              "Ill-formed UTF-8, after one letter that is well formed.",
              Channel.USER,
              "caf\303\251 caf\351 \300\257 \355\240\200 \342\202"),
          new HostileLine(
              "The VMM's own socket: it may say when and how urgent, but never who.",
              Channel.VMM,
              "<0>Jan  1 00:00:00 other-vm crosvm[1]: hi\n<0>Jan  1 00:00:00 other-vm forged"));

  void sendBy(DemoVm vm) throws IOException {
    byte[] bytes = text.getBytes(ISO_8859_1);
    if (channel == Channel.VMM) {
      vm.sendDatagram(bytes);
    } else {
      vm.sendRecord(channel, LogSeverity.INFO, bytes);
    }
  }

  /** The bytes so that a terminal can show them, in C's escapes. */
  String shown() {
    StringBuilder shown = new StringBuilder();
    for (char c : text.toCharArray()) {
      switch (c) {
        case '\n' -> shown.append("\\n");
        case '\r' -> shown.append("\\r");
        default -> {
          if (c >= ' ' && c < 0x7F) {
            shown.append(c);
          } else {
            shown.append("\\x%02x".formatted((int) c));
          }
        }
      }
    }
    return shown.toString();
  }
}
