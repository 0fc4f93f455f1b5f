#!/bin/bash
# junixsocket: AFUNIXSocketPair.open() takes four descriptors, and closing both sockets of the pair
# gives back two. Each of its channels has a socket of its own before socketpair(2) puts another in
# its place, and the first is never closed, by the collector neither. One pair for each connection
# thus ends a server at its limit of descriptors.
#
# Needs a JDK and Maven; downloads into a temporary folder. Exits with 1 if it behaves otherwise.
set -euo pipefail
version=2.11.1
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work"

cat >pom.xml <<POM
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.kohlschutter.junixsocket</groupId>
      <artifactId>junixsocket-core</artifactId>
      <version>$version</version>
      <type>pom</type>
    </dependency>
  </dependencies>
</project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies -DoutputDirectory=lib

cat >Pairs.java <<'JAVA'
import java.io.File;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketPair;

public class Pairs {
  static int open() {
    return new File("/proc/self/fd").list().length;
  }

  static void pair() throws Exception {
    var pair = AFUNIXSocketPair.open();
    pair.getSocket1().close();
    pair.getSocket2().close();
  }

  public static void main(String[] args) throws Exception {
    pair(); // loads what there is to load
    int before = open();
    for (int i = 0; i < 100; i++) {
      pair();
    }
    int closed = open();
    System.gc();
    Thread.sleep(1000);
    System.gc();
    System.out.println("junixsocket " + AFUNIXSocket.getVersion());
    System.out.println("100 pairs, each opened and closed: " + (closed - before) + " descriptors more");
    System.out.println("after the collector: " + (open() - before));
    System.exit(closed - before == 200 ? 0 : 1);
  }
}
JAVA
java -cp 'lib/*' Pairs.java
