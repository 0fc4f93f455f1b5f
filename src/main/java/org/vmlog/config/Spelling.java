package org.vmlog.config;

import java.util.Collection;
import java.util.List;

/** Guesses which key somebody meant. Thread-safe. */
final class Spelling {
  private static final int MAX_DISTANCE = 2;

  /** {@code ; did you mean "known"?}, or nothing when no key or more than one is that near. */
  static String suggestion(String word, Collection<String> known) {
    for (int distance = 1; distance <= MAX_DISTANCE; distance++) {
      int wanted = distance;
      List<String> near =
          known.stream()
              // Of a word that short nothing of the known key would be left.
              .filter(key -> key.length() > wanted && distance(word, key) == wanted)
              .toList();
      if (!near.isEmpty()) {
        return near.size() == 1 ? "; did you mean \"" + near.get(0) + "\"?" : "";
      }
    }
    return "";
  }

  /** Levenshtein's: how many characters must be put in, taken out or exchanged. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int exchanged = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(exchanged, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  private Spelling() {}
}
