package org.vmlog.view.render;

/**
 * Which of so many colours a VM has: always the same, on every host and in every view. Stateless.
 */
public final class VmColour {
  public static final int COUNT = 10;

  private VmColour() {}

  /**
   * Its number, from 0.
   *
   * @param name as {@link org.vmlog.view.LogName#shown} has it
   */
  public static int of(String name) {
    int hash = name.hashCode();
    return Math.floorMod(hash ^ (hash >>> 16), COUNT);
  }
}
