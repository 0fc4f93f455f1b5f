package org.vmlog.scrape;

import java.util.HashMap;
import java.util.Map;

/** Takes one line of the text format apart: {@code name{label="value"} 12.0}. For one line each. */
final class SampleParser {
  private final String line;
  private int at;

  SampleParser(String line) {
    this.line = line;
  }

  Sample parse() {
    String name = until("{ ");
    Map<String, String> labels = new HashMap<>();
    if (take('{')) {
      while (!take('}')) {
        String label = until("=");
        require('=');
        labels.put(label, quoted());
        var unused = take(',');
      }
    }
    require(' ');
    String rest = line.substring(at);
    int space = rest.indexOf(' '); // a time may follow
    return new Sample(name, labels, number(space < 0 ? rest : rest.substring(0, space)));
  }

  private double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> {
        try {
          yield Double.parseDouble(text);
        } catch (NumberFormatException e) {
          throw wrong();
        }
      }
    };
  }

  private String until(String ends) {
    int from = at;
    while (at < line.length() && ends.indexOf(line.charAt(at)) < 0) {
      at++;
    }
    if (at == from || at == line.length()) {
      throw wrong();
    }
    return line.substring(from, at);
  }

  private String quoted() {
    require('"');
    StringBuilder value = new StringBuilder();
    while (!take('"')) {
      char c = next();
      if (c == '\\') {
        char escaped = next();
        value.append(escaped == 'n' ? '\n' : escaped);
      } else {
        value.append(c);
      }
    }
    return value.toString();
  }

  private char next() {
    if (at == line.length()) {
      throw wrong();
    }
    return line.charAt(at++);
  }

  private boolean take(char c) {
    boolean there = at < line.length() && line.charAt(at) == c;
    at += there ? 1 : 0;
    return there;
  }

  private void require(char c) {
    if (!take(c)) {
      throw wrong();
    }
  }

  private IllegalArgumentException wrong() {
    return new IllegalArgumentException(
        "metrics: \"%s\", at %s; allowed is NAME{LABEL=\"VALUE\",...} NUMBER".formatted(line, at));
  }
}
