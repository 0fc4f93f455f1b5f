#!/bin/bash
# CloudBees' syslog-java-client writes octet-counted frames (MessageFormat.RFC_5425) with a CR LF
# behind each that the length does not count. rsyslog's imtcp takes them for a message of their own
# that a line's end delimits: each record comes with another, from "localhost", that holds a CR.
#
# Needs a JDK, Maven, Python and apt; downloads into a temporary folder. Exits with 1 if it behaves
# otherwise.
set -euo pipefail
client=1.1.7
rsyslog=8.2302.0-1+deb12u2
work=$(mktemp -d)
trap 'kill $(cat "$work/pid" 2>/dev/null) 2>/dev/null || true; rm -rf -- "$work"' EXIT
cd -- "$work"

apt-get download -qq rsyslog=$rsyslog libestr0 libfastjson4 liblognorm5 >/dev/null
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(dirname "$(find "$work" -name libestr.so.0 | head -n 1)")
modules=$(dirname "$(find "$work" -name imtcp.so)")
cat >pom.xml <<POM
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.cloudbees</groupId>
      <artifactId>syslog-java-client</artifactId>
      <version>$client</version>
    </dependency>
  </dependencies>
</project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies -DoutputDirectory=lib

cat >Send.java <<'JAVA'
import com.cloudbees.syslog.MessageFormat;
import com.cloudbees.syslog.sender.TcpSyslogMessageSender;

public class Send {
  public static void main(String[] arguments) throws Exception {
    TcpSyslogMessageSender sender = new TcpSyslogMessageSender();
    sender.setSyslogServerHostname("127.0.0.1");
    sender.setSyslogServerPort(Integer.parseInt(arguments[0]));
    sender.setMessageFormat(MessageFormat.RFC_5425);
    sender.setDefaultMessageHostname("mine");
    sender.setDefaultAppName("shop");
    sender.setSsl(false);
    sender.sendMessage("one");
    sender.sendMessage("two");
    sender.close();
  }
}
JAVA
javac -cp 'lib/*' Send.java

# The bytes themselves, with the time made one that stays.
cat >receive.py <<'PY'
import re, socket
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
peer = server.accept()[0]
data = b""
while chunk := peer.recv(65536):
    data += chunk
print(re.sub(rb"[0-9-]{10}T[0-9:.]+Z", b"TIME....................", data))
PY
python3 receive.py >bytes &
receiver=$!
until [ -s bytes ]; do sleep 0.1; done
java -cp 'lib/*:.' Send "$(head -n 1 bytes)"
wait $receiver

cat >conf <<END
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="5516")
template(name="seen" type="string" string="%hostname% %syslogtag%%msg%\n")
action(type="omfile" file="$work/messages" template="seen")
END
LD_LIBRARY_PATH=$libraries usr/sbin/rsyslogd -n -M "$modules" -f conf -i "$work/pid" &
for attempt in $(seq 100); do
  (exec 3<>/dev/tcp/127.0.0.1/5516) 2>/dev/null && break
  sleep 0.1
done
java -cp 'lib/*:.' Send 5516
for attempt in $(seq 100); do
  [ "$(wc -l 2>/dev/null <messages)" = 4 ] && break
  sleep 0.1
done
kill "$(cat pid)"
wait
{
  tail -n 1 bytes
  cat messages
} | tee out
diff out - <<'END'
b'50 <14>1 TIME.................... mine shop - - - one\r\n50 <14>1 TIME.................... mine shop - - - two\r\n'
mine shopone
localhost #015
mine shoptwo
localhost #015
END
