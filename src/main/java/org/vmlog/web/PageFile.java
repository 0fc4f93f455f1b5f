package org.vmlog.web;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/** The page's files, which come with the program. */
enum PageFile {
  HTML("", "index.html", "text/html; charset=utf-8"),
  CSS("page.css", "page.css", "text/css; charset=utf-8"),
  SCRIPT("page.js", "page.js", "text/javascript; charset=utf-8");

  private final String path;
  private final String resource;
  final String type;

  PageFile(String path, String resource, String type) {
    this.path = path;
    this.resource = resource;
    this.type = type;
  }

  /** The one that is at a path. */
  static Optional<PageFile> at(String path) {
    return Arrays.stream(values()).filter(file -> file.path.equals(path)).findFirst();
  }

  byte[] read() throws IOException {
    try (InputStream in = PageFile.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("the program has no " + resource);
      }
      return in.readAllBytes();
    }
  }
}
