package org.vmlog.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * One file's tables. What stands in a file with errors of syntax is read as far as it goes, so that
 * the rest of its errors can be told too. Immutable.
 */
record TomlFile(String name, TomlTable root) {

  /** Reads a file, and adds what is not TOML in it to the errors. */
  static TomlFile read(Path file, ConfigErrors errors) throws IOException {
    String name = file.toString();
    byte[] bytes = Files.readAllBytes(file);
    CharBuffer text = CharBuffer.allocate(bytes.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, text, true);
    if (result.isError()) {
      errors.add(notUtf8(name, bytes, in.position()));
    }
    TomlParseResult toml = Toml.parse(text.flip().toString());
    // The rest of a file that was cut at a bad byte would only give errors that are none.
    if (!result.isError()) {
      for (TomlParseError error : toml.errors()) {
        errors.add(
            new ConfigError(
                name,
                error.position().line(),
                error.position().column(),
                "",
                "",
                String.valueOf(error.getMessage())));
      }
    }
    return new TomlFile(name, toml);
  }

  /** One of the program's own, which has no errors. */
  static TomlFile builtIn(String name) {
    try (InputStream in = TomlFile.class.getResourceAsStream(name + ".toml")) {
      return new TomlFile("built-in " + name, Toml.parse(Objects.requireNonNull(in)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ConfigError notUtf8(String name, byte[] bytes, int position) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < position; i++) {
      if (bytes[i] == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    String message = "byte 0x%02X is not UTF-8, as TOML must be".formatted(bytes[position] & 0xFF);
    return new ConfigError(name, line, position - lineStart + 1, "", "", message);
  }
}
