#!/bin/sh
# rsyslog takes messages of 8096 bytes by default, and not of the 8k (8192) that its manual gives for
# maxMessageSize. What an octet-counted frame has beyond that comes as another message.
set -eu
folder=$(mktemp -d)
trap 'kill $(cat "$folder/pid" 2>/dev/null) 2>/dev/null || true; rm -r "$folder"' EXIT
cd "$folder"
apt-get download -qq rsyslog=8.2302.0-1+deb12u2 libestr0 libfastjson4 liblognorm5 >/dev/null
for package in *.deb; do dpkg-deb --extract "$package" .; done
libraries=$(dirname "$(find "$folder" -name 'libestr.so.0' | head -n 1)")
modules=$(dirname "$(find "$folder" -name 'imtcp.so')")
cat >conf <<END
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="5514")
template(name="seen" type="string" string="%rawmsg:::drop-last-lf%|%hostname%|%syslogtag%\n")
action(type="omfile" file="$folder/messages" template="seen")
END
LD_LIBRARY_PATH=$libraries usr/sbin/rsyslogd -n -M "$modules" -f conf -i "$folder/pid" &
cat >send.py <<'END'
import socket, time
head = b"<13>1 2026-03-01T12:00:00Z mine app - - - "
def frame(size):
    text = head + b"x" * (size - len(head))
    return str(len(text)).encode() + b" " + text
for attempt in range(100):
    try:
        peer = socket.create_connection(("127.0.0.1", 5514))
        break
    except OSError:
        time.sleep(0.1)
peer.sendall(frame(8096) + frame(8097) + frame(8192))
time.sleep(2)
peer.close()
END
python3 send.py
LD_LIBRARY_PATH=$libraries usr/sbin/rsyslogd -v | head -n 1
kill "$(cat pid)"
wait
awk -F'|' '{ print length($1) " bytes from " substr($2, 1, 9) }' messages | tee out
diff out - <<'END'
8096 bytes from mine
8096 bytes from mine
8096 bytes from mine
95 bytes from xxxxxxxxx
END
