package org.vmlog.cli;

/** What {@code -o} takes; the names are what people type. */
enum OutputFormat {
  text,
  json
}
