package org.vmlog.view.query;

import java.util.ArrayList;
import java.util.List;

/**
 * Which logs are meant by globs, as the shell's: {@code *}, {@code ?}, {@code [a-c]}, {@code [!x]}.
 * One with a slash is for OWNER/NAME, one without for the name alone; {@code *} stands for
 * anything, slashes too. One that begins with {@code !} takes logs out again, wherever it stands.
 * Without any that puts in, all logs are meant. Immutable.
 */
public final class LogSelection {
  private record Glob(String text) {
    boolean matches(String owner, String name) {
      return matches(text.indexOf('/') >= 0 ? owner + "/" + name : name);
    }

    /** Only the last star is ever gone back to, so it takes their lengths' product at most. */
    private boolean matches(String name) {
      int at = 0;
      int in = 0;
      int star = -1;
      int afterStar = 0;
      while (in < name.length()) {
        int next =
            at < text.length() && text.charAt(at) != '*' ? one(at, name.codePointAt(in)) : -1;
        if (next >= 0) {
          at = next;
          in += Character.charCount(name.codePointAt(in));
        } else if (at < text.length() && text.charAt(at) == '*') {
          star = at++;
          afterStar = in;
        } else if (star >= 0) {
          at = star + 1;
          afterStar += Character.charCount(name.codePointAt(afterStar));
          in = afterStar;
        } else {
          return false;
        }
      }
      while (at < text.length() && text.charAt(at) == '*') {
        at++;
      }
      return at == text.length();
    }

    /** Where the glob goes on behind what stands for this character; -1 if that does not. */
    private int one(int at, int c) {
      int first = text.codePointAt(at);
      int close = first == '[' ? text.indexOf(']', at + 2) : -1;
      if (close > 0) {
        return isInSet(at + 1, close, c) ? close + 1 : -1;
      }
      return first == '?' || first == c ? at + Character.charCount(first) : -1;
    }

    private boolean isInSet(int from, int to, int c) {
      boolean not = to - from > 1 && text.charAt(from) == '!';
      int at = not ? from + 1 : from;
      boolean in = false;
      while (at < to) {
        int low = text.codePointAt(at);
        at += Character.charCount(low);
        int high = low;
        if (at + 1 < to && text.charAt(at) == '-') {
          high = text.codePointAt(at + 1);
          at += 1 + Character.charCount(high);
        }
        in |= c >= low && c <= high;
      }
      return in != not;
    }
  }

  private final List<Glob> included = new ArrayList<>();
  private final List<Glob> excluded = new ArrayList<>();

  /** Takes globs as they were typed. */
  public LogSelection(List<String> globs) {
    for (String glob : globs) {
      if (glob.startsWith("!")) {
        excluded.add(new Glob(glob.substring(1)));
      } else {
        included.add(new Glob(glob));
      }
    }
  }

  /** Whether this log is meant. */
  public boolean matches(String owner, String name) {
    return (included.isEmpty() || included.stream().anyMatch(glob -> glob.matches(owner, name)))
        && excluded.stream().noneMatch(glob -> glob.matches(owner, name));
  }

  /** Whether it is one name, and so one log at most of an owner. */
  public boolean isOne() {
    return included.size() == 1
        && included.get(0).text().chars().noneMatch(c -> "*?[".indexOf(c) >= 0);
  }

  /** What was typed, for a message; empty if nothing was. */
  @Override
  public String toString() {
    return String.join(" ", included.stream().map(Glob::text).toList());
  }
}
