package org.vmlog.fuzz;

/** A property that every input has. */
@FunctionalInterface
public interface FuzzTarget {

  /** Returns if the property holds, and throws anything if it does not. */
  void check(byte[] input) throws Exception;
}
