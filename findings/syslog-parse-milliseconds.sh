#!/bin/bash
# syslog-parse gives a message of RFC 3164, whose time has whole seconds, the milliseconds at which
# it is parsed. Parsed twice, a message has two times, and two messages of one second may be told in
# the wrong order. (1.5 s apart the milliseconds differ for certain.)
#
# Needs Node.js and npm; downloads into a temporary folder. Exits with 1 if it behaves otherwise.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work"
npm install --silent --ignore-scripts syslog-parse@2.0.0 >/dev/null

cat >parse.mjs <<'JS'
import * as library from 'syslog-parse';

const parse = library.parse ?? library.default;
const message = '<13>Dec  1 12:00:00 mine shop[1]: text';
const first = parse(message);
await new Promise(done => setTimeout(done, 1500));
const second = parse(message);
console.log(`seconds ${first.time.getSeconds()} and ${second.time.getSeconds()}`);
console.log(`the same time: ${first.time.getTime() === second.time.getTime()}`);
console.log(`apart: ${second.time - first.time} ms`.replace(/-?(4|5|6)\d\d ms/, 'about half a second'));
JS
node parse.mjs | tee out
diff out - <<'END'
seconds 0 and 0
the same time: false
apart: about half a second
END
