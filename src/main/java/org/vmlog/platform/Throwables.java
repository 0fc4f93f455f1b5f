package org.vmlog.platform;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** Throwables as text. Thread-safe. */
final class Throwables {
  /** More causes than this are a cycle, or nothing that anybody reads. */
  private static final int MAX_CAUSES = 8;

  /** {@code IOException: No space left; caused by …}, without a line's end. */
  static void appendChain(StringBuilder out, Throwable thrown) {
    Throwable cause = thrown;
    for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
      if (i > 0) {
        out.append("; caused by ");
      }
      out.append(cause.getClass().getSimpleName());
      if (cause.getMessage() != null) {
        out.append(": ").append(cause.getMessage());
      }
      if (isDefect(cause) && cause.getStackTrace().length > 0) {
        out.append(" at ").append(cause.getStackTrace()[0]);
      }
      cause = cause.getCause();
    }
  }

  /** The lines of a stack trace after its first, indented by spaces. */
  static List<String> stackTrace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString().lines().skip(1).map(line -> line.replace("\t", "  ")).toList();
  }

  private static boolean isDefect(Throwable thrown) {
    return thrown instanceof RuntimeException || thrown instanceof Error;
  }

  private Throwables() {}
}
