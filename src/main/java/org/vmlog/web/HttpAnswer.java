package org.vmlog.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Answers, each the last of its connection. All of them forbid what the page has no need of: it is
 * kept nowhere, runs no script but its own, and tells nobody its address. Stateless.
 */
final class HttpAnswer {
  private static final String FIELDS =
      """
      Connection: close
      Cache-Control: no-store
      Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; \
      connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'
      Cross-Origin-Opener-Policy: same-origin
      Cross-Origin-Resource-Policy: same-origin
      Referrer-Policy: no-referrer
      X-Content-Type-Options: nosniff
      X-Frame-Options: DENY
      """
          .replace("\n", "\r\n");

  private HttpAnswer() {}

  /** The whole answer. */
  static void send(OutputStream out, String status, String type, byte[] body) throws IOException {
    head(out, status, type, "Content-Length: " + body.length + "\r\n");
    out.write(body);
    out.flush();
  }

  /** A refusal, with a line that says why. */
  static void refuse(OutputStream out, String status, String why) throws IOException {
    send(out, status, "text/plain; charset=utf-8", (why + "\n").getBytes(UTF_8));
  }

  /** The beginning of one that ends with the connection. */
  static void begin(OutputStream out, String type) throws IOException {
    head(out, "200 OK", type, "");
    out.flush();
  }

  private static void head(OutputStream out, String status, String type, String more)
      throws IOException {
    String head =
        "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\n" + more + FIELDS + "\r\n";
    out.write(head.getBytes(US_ASCII));
  }
}
