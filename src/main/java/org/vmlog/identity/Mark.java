package org.vmlog.identity;

/**
 * What leads a peer to its VM, and so can be only one VM's: a CID, an address, a path. Immutable.
 */
record Mark(String kind, Object value) {
  @Override
  public String toString() {
    return kind + " " + value;
  }
}
