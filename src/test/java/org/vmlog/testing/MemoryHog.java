package org.vmlog.testing;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Takes all the memory of another JVM, from within: an agent that is loaded into it. */
public final class MemoryHog {
  private static final String CLASS = Agent.class.getName().replace('.', '/') + ".class";

  private MemoryHog() {}

  /** Which memory. */
  public enum Memory {
    HEAP,
    DIRECT
  }

  /**
   * Begins to take memory, until there is none.
   *
   * @param folder for the agent's jar
   */
  public static void begin(long pid, Memory memory, Path folder) throws IOException {
    Path jar = folder.resolve("hog.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Agent-Class", Agent.class.getName());
    ClassLoader classes = MemoryHog.class.getClassLoader();
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(file, manifest);
        InputStream own = Objects.requireNonNull(classes.getResourceAsStream(CLASS))) {
      packed.putNextEntry(new JarEntry(CLASS));
      own.transferTo(packed);
    }
    try {
      VirtualMachine jvm = VirtualMachine.attach(Long.toString(pid));
      try {
        jvm.loadAgent(jar.toString(), memory.name());
      } finally {
        jvm.detach();
      }
    } catch (AttachNotSupportedException | AgentLoadException | AgentInitializationException e) {
      throw new IOException("no agent can be loaded into " + pid, e);
    }
  }

  /** What the other JVM runs, and all of ours that it has. */
  public static final class Agent {
    private static final int PIECE_BYTES = 16 << 10;

    private Agent() {}

    /**
     * Called by that JVM. All direct memory is taken when this returns; the heap's end is its end.
     */
    public static void agentmain(String memory) throws InterruptedException {
      boolean direct = memory.equals("DIRECT");
      CountDownLatch taken = new CountDownLatch(direct ? 1 : 0);
      Thread hog = new Thread(() -> take(direct, taken), "hog");
      hog.setDaemon(true);
      hog.start();
      taken.await();
    }

    private static void take(boolean direct, CountDownLatch all) {
      List<Object> taken = new ArrayList<>(1 << 16);
      while (true) {
        try {
          taken.add(direct ? ByteBuffer.allocateDirect(PIECE_BYTES) : new byte[PIECE_BYTES]);
        } catch (OutOfMemoryError e) {
          all.countDown(); // what others give back from now on is taken, too
        }
      }
    }
  }
}
