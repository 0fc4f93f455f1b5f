package org.vmlog.identity;

/**
 * A VM as its launcher names it. Both parts are whatever the launcher said: hostile until a file
 * naming has encoded them.
 *
 * @param owner whose VM it is; never empty
 * @param name what the owner calls it; never empty
 */
public record VmId(String owner, String name) {
  public VmId {
    if (owner.isEmpty() || name.isEmpty()) {
      throw new IllegalArgumentException(
          "a VM needs an owner and a name, got owner \"%s\" and name \"%s\""
              .formatted(owner, name));
    }
  }

  @Override
  public String toString() {
    return owner + "/" + name;
  }
}
