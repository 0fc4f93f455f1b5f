package org.vmlog.sink;

import java.io.IOException;

/** Quotas for tests that are about something else. */
final class Quotas {
  private Quotas() {}

  /** So large that no test comes near. */
  static DiskQuota none(LogDirectory directory, int keep) throws IOException {
    return DiskQuota.open(directory, new QuotaPolicy(1L << 40, 1L << 41, 0), keep);
  }
}
