#!/bin/bash
# winston-syslog over TCP writes one message right behind the other: no line's end, no length. Nobody
# can tell where the next begins; a receiver waits for a line's end that comes never and takes what
# came for one record when the peer has left. With eol: '\n' each is a line.
#
# Needs Node.js, npm and Python; downloads into a temporary folder. Exits with 1 if it behaves otherwise.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work"
npm install --silent --ignore-scripts winston@3.19.0 winston-syslog@2.7.1 >/dev/null

cat >receive.py <<'PY'
import re, socket
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
for _ in range(2):
    peer = server.accept()[0]
    data = b""
    while chunk := peer.recv(65536):
        data += chunk
    print(re.sub(rb"[A-Z][a-z]{2} [ 0-9]\d [0-9:]{8}", b"TIME", data))
PY
cat >send.js <<'JS'
const winston = require('winston');
require('winston-syslog');

async function send(more) {
  const transport = new winston.transports.Syslog({
    host: '127.0.0.1', port: Number(process.argv[2]), protocol: 'tcp4',
    localhost: 'mine', app_name: 'shop', pid: 7, ...more
  });
  const logger = winston.createLogger({
    levels: winston.config.syslog.levels,
    format: winston.format.printf(info => info.message),
    transports: [transport]
  });
  logger.info('one');
  logger.warning('two');
  await new Promise(done => setTimeout(done, 1000));
  logger.close();
  await new Promise(done => setTimeout(done, 500));
}

send({}).then(() => send({ eol: '\n' })).then(() => process.exit());
JS
python3 receive.py >bytes &
receiver=$!
until [ -s bytes ]; do sleep 0.1; done
node send.js "$(head -n 1 bytes)"
wait $receiver
tail -n 2 bytes | tee out
diff out - <<'END'
b'<134>TIME mine shop[7]: one<132>TIME mine shop[7]: two'
b'<134>TIME mine shop[7]: one\n<132>TIME mine shop[7]: two\n'
END
