package org.vmlog.web;

import java.util.Optional;
import java.util.Set;

/**
 * Who is let in: whoever knows the token, and asks as the page itself or somebody who opens it
 * would. A page of another site can have a browser send requests here, by any name that leads to
 * this address; it cannot change the fields that say so. Immutable.
 */
final class Gate {
  private final WebToken token;
  private final Set<String> hosts;

  Gate(WebToken token, int port) {
    this.token = token;
    this.hosts = Set.of("127.0.0.1:" + port, "localhost:" + port);
  }

  /** What is asked for, without the token; empty for one who is not let in. */
  Optional<String> admit(HttpRequest request) {
    String path = request.path();
    int slash = path.indexOf('/', 1);
    boolean known = token.is(slash < 0 ? "" : path.substring(1, slash));
    String host = request.field("host");
    String origin = request.field("origin");
    boolean ours =
        hosts.contains(host)
            && (origin.isEmpty() || origin.equals("http://" + host))
            && isOfThisSite(request);
    return known && ours ? Optional.of(path.substring(slash + 1)) : Optional.empty();
  }

  /** As browsers say (Fetch Metadata): a link may lead to the page from anywhere, nothing else. */
  private static boolean isOfThisSite(HttpRequest request) {
    String site = request.field("sec-fetch-site");
    return site.isEmpty()
        || site.equals("same-origin")
        || site.equals("none")
        || request.field("sec-fetch-dest").equals("document");
  }
}
