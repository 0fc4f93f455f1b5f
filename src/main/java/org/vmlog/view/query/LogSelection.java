package org.vmlog.view.query;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which logs are meant by globs, as the shell's: {@code *}, {@code ?}, {@code [a-c]}, {@code [!x]}.
 * One with a slash is for OWNER/NAME, one without for the name alone; {@code *} stands for
 * anything, slashes too. One that begins with {@code !} takes logs out again, wherever it stands.
 * Without any that puts in, all logs are meant. Immutable.
 */
public final class LogSelection {
  private record Glob(String text, boolean ofWhole, Pattern pattern) {
    boolean matches(String owner, String name) {
      return pattern.matcher(ofWhole ? owner + "/" + name : name).matches();
    }
  }

  private final List<Glob> included = new ArrayList<>();
  private final List<Glob> excluded = new ArrayList<>();

  /** Takes globs as they were typed. */
  public LogSelection(List<String> globs) {
    for (String glob : globs) {
      if (glob.startsWith("!")) {
        excluded.add(glob(glob.substring(1)));
      } else {
        included.add(glob(glob));
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

  private static Glob glob(String text) {
    return new Glob(text, text.indexOf('/') >= 0, Pattern.compile(regex(text), Pattern.DOTALL));
  }

  private static String regex(String glob) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      int close = c == '[' ? glob.indexOf(']', i + 2) : -1;
      if (c == '*') {
        regex.append(".*");
      } else if (c == '?') {
        regex.append('.');
      } else if (close > 0) {
        regex.append(set(glob.substring(i + 1, close)));
        i = close;
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return regex.toString();
  }

  private static String set(String inside) {
    boolean not = inside.length() > 1 && inside.charAt(0) == '!';
    String members = (not ? inside.substring(1) : inside).replaceAll("[\\[\\]\\\\^&]", "\\\\$0");
    return (not ? "[^" : "[") + members + "]";
  }
}
