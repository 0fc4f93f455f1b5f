package org.vmlog.web;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/** What an address has to hold for the page to be shown: 256 random bits. Immutable. */
public final class WebToken {
  private static final int BYTES = 32;
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");

  private final String text;

  private WebToken(String text) {
    this.text = text;
  }

  /** Another one each time. */
  public static WebToken random() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return new WebToken(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /**
   * The one in a file, which is made if it is not there.
   *
   * @throws IOException if it holds something else, or others may read it; names the file
   */
  public static WebToken kept(Path file) throws IOException {
    try {
      WebToken fresh = random();
      Files.createFile(
          file,
          PosixFilePermissions.asFileAttribute(
              EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)));
      Files.writeString(file, fresh.text + "\n", US_ASCII, StandardOpenOption.WRITE);
      return fresh;
    } catch (FileAlreadyExistsException e) {
      return read(file);
    }
  }

  private static WebToken read(Path file) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    String shown = PosixFilePermissions.toString(permissions);
    if (!shown.endsWith("------")) {
      throw new FileSystemException(
          file.toString(), null, "is open to others, " + shown + "; allowed is rw-------");
    }
    String text = Files.readString(file, US_ASCII).strip();
    if (!FORM.matcher(text).matches()) {
      throw new FileSystemException(
          file.toString(), null, "holds no token; remove it, and it is made anew");
    }
    return new WebToken(text);
  }

  /** Whether somebody knows it; takes as long whatever is wrong with the guess. */
  boolean is(String guess) {
    return MessageDigest.isEqual(text.getBytes(US_ASCII), guess.getBytes(US_ASCII));
  }

  /** The token itself, which is for the address alone. */
  @Override
  public String toString() {
    return text;
  }
}
