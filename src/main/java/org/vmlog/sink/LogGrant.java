package org.vmlog.sink;

import java.io.IOException;
import org.vmlog.logs.LogFileName;

/**
 * A writer's part in its log's account: bytes that it may append without asking anybody, so that
 * nothing which two logs share lies on the way of a write. Confined to the pipe's writer.
 */
final class LogGrant implements AutoCloseable {
  private final DiskQuota quota;
  private final QuotaBooks books;
  private final LogAccount account;
  private long spare;
  private boolean closed;

  /** From now on the log is live. */
  LogGrant(DiskQuota quota, LogFileName name) {
    this.quota = quota;
    this.books = quota.books();
    this.account = books.attach(name);
  }

  RotatedFiles files() {
    return account.files;
  }

  LogAccount account() {
    return account;
  }

  /** The current file was opened and has this size. */
  void opened(long sizeBytes) {
    spare = 0;
    books.opened(account, this, sizeBytes);
  }

  /** The file that grants were for is rotated; the account knows. */
  void rotated() {
    spare = 0;
  }

  /** Whether so much may be appended without asking anybody. */
  boolean has(long bytes) {
    return bytes <= spare;
  }

  /**
   * Sees to it that so much may be appended, if need be by removing rotated files.
   *
   * @throws QuotaException when there is no room and nothing that may be removed
   */
  void need(long bytes) throws IOException {
    if (!has(bytes)) {
      spare = quota.grant(account, spare, bytes);
    }
  }

  /** So much of it was appended. */
  void spent(long bytes) {
    spare -= bytes;
  }

  /** Whether the log holds more than what is its own for certain. */
  boolean isOverHalfShare() {
    return books.isOverHalfShare(account);
  }

  /** Gives back what was not appended; the file is closed. */
  void giveBack() {
    books.giveBack(account, this, spare);
    spare = 0;
  }

  /** Nobody writes to the log any more. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      giveBack();
      books.detach(account);
    }
  }
}
