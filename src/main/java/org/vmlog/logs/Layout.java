package org.vmlog.logs;

/** How the log folder is laid out. A folder holds one layout. */
public enum Layout {
  /** {@code <directory>/<owner>/<name>.log}, owner and name percent-encoded. */
  PLAIN,
  /** {@code <directory>/<owner_id>/log/<base64url(name)>.log}, as ChromeOS has it. */
  CHROMEOS
}
