package org.vmlog.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of a request of HTTP/1.1, RFC 9112. Immutable.
 *
 * @param path as it was sent, without the query
 * @param query decoded, each name with all its values
 * @param fields by their names in lower case; one that comes twice makes the request malformed
 */
record HttpRequest(
    String method, String path, Map<String, List<String>> query, Map<String, String> fields) {
  static final int MAX_HEAD_BYTES = 32 * 1024;

  private static final Pattern LINE =
      Pattern.compile("([A-Z]+) (/[^\\s?#]*)(?:\\?(\\S*))? HTTP/1\\.1");
  private static final Pattern FIELD =
      Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*(.*?)[ \\t]*");

  /** The request is none, or too long, or too slow. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
      super(message);
    }
  }

  /** Reads one, within so much time for all of it. */
  static HttpRequest read(Socket socket, Duration patience) throws IOException, MalformedException {
    long deadline = System.nanoTime() + patience.toNanos();
    byte[] head = new byte[MAX_HEAD_BYTES];
    int length = 0;
    InputStream in = socket.getInputStream();
    while (!endsHead(head, length)) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (length == head.length || left <= 0) {
        throw new MalformedException(
            "a head of more than %s bytes, or %s s".formatted(head.length, patience.toSeconds()));
      }
      socket.setSoTimeout((int) left);
      try {
        int count = in.read(head, length, head.length - length);
        if (count < 0) {
          throw new IOException("the peer has left");
        }
        length += count;
      } catch (SocketTimeoutException e) {
        throw new MalformedException("nothing for " + patience.toSeconds() + " s");
      }
    }
    return parse(new String(head, 0, length, ISO_8859_1));
  }

  private static boolean endsHead(byte[] head, int length) {
    return length >= 4
        && head[length - 4] == '\r'
        && head[length - 3] == '\n'
        && head[length - 2] == '\r'
        && head[length - 1] == '\n';
  }

  static HttpRequest parse(String head) throws MalformedException {
    String[] lines = head.stripTrailing().split("\r\n", -1);
    Matcher line = LINE.matcher(lines[0]);
    if (!line.matches()) {
      throw new MalformedException("not a request of HTTP/1.1");
    }
    Map<String, String> fields = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      Matcher field = FIELD.matcher(lines[i]);
      if (!field.matches()
          || fields.put(field.group(1).toLowerCase(Locale.ROOT), field.group(2)) != null) {
        throw new MalformedException("a header field that is malformed, or there twice");
      }
    }
    return new HttpRequest(
        line.group(1), line.group(2), query(line.group(3) == null ? "" : line.group(3)), fields);
  }

  private static Map<String, List<String>> query(String text) throws MalformedException {
    Map<String, List<String>> query = new HashMap<>();
    for (String pair : text.isEmpty() ? new String[0] : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      query.computeIfAbsent(name, first -> new ArrayList<>()).add(value);
    }
    return query;
  }

  private static String decoded(String text) throws MalformedException {
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("a query that is malformed");
    }
  }

  /** A field's value; empty if it is not there. */
  String field(String name) {
    return fields.getOrDefault(name, "");
  }

  /** The last of a name's values; empty if there is none. */
  String parameter(String name) {
    List<String> values = query.getOrDefault(name, List.of());
    return values.isEmpty() ? "" : values.get(values.size() - 1);
  }
}
