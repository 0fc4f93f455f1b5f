#!/bin/sh
# rsyslog's imuxsock takes the first bytes off a message that has no PRI, which RFC 3164, section 4.3.3
# allows: of "Use the BFG!" (section 5.4, example 2) two are missing.
set -eu
folder=$(mktemp -d)
cd "$folder"
apt-get download -qq rsyslog=8.2302.0-1+deb12u2 libestr0 libfastjson4 liblognorm5 >/dev/null 2>&1 \
  || apt-get download -qq rsyslog libestr0 libfastjson4 liblognorm5 >/dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
lib=$folder/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
export LD_LIBRARY_PATH="$lib"
cat >conf <<END
global(workDirectory="$folder")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="$folder/in")
template(name="t" type="string" string="[%syslogtag%%msg%]\n")
*.* action(type="omfile" file="$folder/out" template="t")
END
"$folder/root/usr/sbin/rsyslogd" -v | head -n 1
"$folder/root/usr/sbin/rsyslogd" -n -M "$lib/rsyslog" -f conf -i pid 2>/dev/null &
daemon=$!
trap 'kill $daemon; wait $daemon 2>/dev/null || true; rm -r "$folder"' EXIT
n=0
until [ -S in ]; do n=$((n + 1)); [ $n -lt 100 ]; sleep 0.1; done
python3 - "$folder/in" <<'END'
import socket, sys
to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
to.connect(sys.argv[1])
to.send(b"Use the BFG!")
to.send(b"<13>Nov 30 11:44:27 Use the BFG!")
END
until [ "$(grep -c BFG out 2>/dev/null)" = 2 ]; do n=$((n + 1)); [ $n -lt 200 ]; sleep 0.1; done
cat out
grep -qx '\[e the BFG!\]' out
grep -qx '\[Use the BFG!\]' out
