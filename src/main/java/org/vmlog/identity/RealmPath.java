package org.vmlog.identity;

import java.util.List;
import java.util.stream.Stream;

/**
 * Where a realm is in the tree: the labels from some realm above it, itself not among them, down to
 * this one's. Empty for that realm itself. Immutable.
 *
 * @param labels each of 1 to {@value #MAX_LABEL_BYTES} bytes, at most {@value #MAX_DEPTH} of them
 */
public record RealmPath(List<String> labels) {
  public static final int MAX_LABEL_BYTES = 32;
  public static final int MAX_DEPTH = 50;

  /** The realm that a path begins at. */
  public static final RealmPath HERE = new RealmPath(List.of());

  /**
   * Checks the labels.
   *
   * @throws IllegalArgumentException if one cannot be a label, or there are too many; says which
   */
  public RealmPath {
    labels = List.copyOf(labels);
    if (labels.size() > MAX_DEPTH) {
      throw new IllegalArgumentException(
          "a realm %s deep; allowed are %s".formatted(labels.size(), MAX_DEPTH));
    }
    labels.forEach(label -> Names.check("realm label", label, MAX_LABEL_BYTES));
  }

  /**
   * The path with these labels.
   *
   * @param slashed labels with a slash between two; none if it is empty
   * @throws IllegalArgumentException as the constructor does
   */
  public static RealmPath parse(String slashed) {
    return slashed.isEmpty() ? HERE : new RealmPath(List.of(slashed.split("/", -1)));
  }

  public int depth() {
    return labels.size();
  }

  /** The realm with this label below this one. */
  public RealmPath child(String label) {
    return new RealmPath(Stream.concat(labels.stream(), Stream.of(label)).toList());
  }

  /**
   * The realm above.
   *
   * @throws IllegalStateException for the path's beginning, above which nothing is known
   */
  public RealmPath parent() {
    if (labels.isEmpty()) {
      throw new IllegalStateException("nothing is known above a path's beginning");
    }
    return new RealmPath(labels.subList(0, labels.size() - 1));
  }

  /**
   * What the realm is called in the one above it.
   *
   * @throws IllegalStateException for the path's beginning, which has no name here
   */
  public String label() {
    if (labels.isEmpty()) {
      throw new IllegalStateException("a path's beginning has no name");
    }
    return labels.get(labels.size() - 1);
  }

  /** Whether this is that realm or one below it. */
  public boolean isIn(RealmPath realm) {
    return depth() >= realm.depth() && labels.subList(0, realm.depth()).equals(realm.labels);
  }

  /** The same realm, as that realm, this one or one above it, has it. */
  public RealmPath from(RealmPath observer) {
    if (!isIn(observer)) {
      throw new IllegalArgumentException("%s is not in %s".formatted(this, observer));
    }
    return new RealmPath(labels.subList(observer.depth(), depth()));
  }

  /** The labels with a slash between two. */
  @Override
  public String toString() {
    return String.join("/", labels);
  }
}
