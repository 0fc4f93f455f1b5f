package org.vmlog.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.vmlog.record.Severity;

/** The types of value that need no class of their own. Thread-safe. */
final class ValueTypes {
  private static final Pattern OCTAL = Pattern.compile("[0-7]{1,4}");
  private static final Pattern PERCENT = Pattern.compile("(\\d{1,3})%");

  static final ValueType<Boolean> BOOLEAN =
      toml -> {
        if (toml instanceof Boolean value) {
          return value;
        }
        throw new BadValueException("true or false");
      };

  static final ValueType<String> TEXT =
      toml -> {
        if (toml instanceof String text && !text.isEmpty()) {
          return text;
        }
        throw new BadValueException("a string that is not empty");
      };

  static final ValueType<String> BUS_ADDRESS =
      toml -> {
        if (toml instanceof String text && (text.equals("system") || text.startsWith("unix:"))) {
          return text;
        }
        throw new BadValueException("\"system\" or a D-Bus address that begins with \"unix:\"");
      };

  static final ValueType<Path> ABSOLUTE_PATH =
      toml -> {
        try {
          if (toml instanceof String text && Path.of(text).isAbsolute()) {
            return Path.of(text);
          }
        } catch (InvalidPathException e) {
          // Told below: a path with a NUL, or one that the locale cannot express.
        }
        throw new BadValueException("an absolute path");
      };

  /** As its RFC 5424 number. */
  static final ValueType<Integer> SEVERITY =
      toml -> {
        try {
          if (toml instanceof String text) {
            return Severity.parse(text).number();
          }
        } catch (IllegalArgumentException e) {
          // Told below.
        }
        throw new BadValueException("one of " + Severity.ALLOWED + ", in quotes");
      };

  /** Permission bits. Quoted, because TOML reads a bare 660 as a decimal number. */
  static final ValueType<Integer> MODE =
      toml -> {
        if (toml instanceof String text && OCTAL.matcher(text).matches()) {
          int mode = Integer.parseInt(text, 8);
          if (mode <= 0777) {
            return mode;
          }
        }
        throw new BadValueException("an octal mode in quotes such as \"0660\", at most \"0777\"");
      };

  /** For a folder of sockets: a socket's address has room for 107 bytes. */
  static ValueType<Path> pathOfAtMost(int maxBytes) {
    return toml -> {
      Path path = ABSOLUTE_PATH.parse(toml);
      int bytes = path.toString().getBytes(UTF_8).length;
      if (bytes > maxBytes) {
        throw new BadValueException(
            "an absolute path of at most %s bytes; this one has %s".formatted(maxBytes, bytes));
      }
      return path;
    };
  }

  /** A percentage with its sign, from nothing to the given most. */
  static ValueType<Integer> percentage(int most) {
    return toml -> {
      if (toml instanceof String text) {
        var matcher = PERCENT.matcher(text);
        if (matcher.matches() && Integer.parseInt(matcher.group(1)) <= most) {
          return Integer.parseInt(matcher.group(1));
        }
      }
      throw new BadValueException("a percentage from \"0%\" to \"" + most + "%\"");
    };
  }

  /** Whole numbers, both ends included. */
  static ValueType<Long> integer(long min, long max) {
    return toml -> {
      if (toml instanceof Long value && value >= min && value <= max) {
        return value;
      }
      throw new BadValueException("a whole number from " + min + " to " + max);
    };
  }

  private ValueTypes() {}
}
