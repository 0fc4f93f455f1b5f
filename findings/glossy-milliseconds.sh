#!/bin/sh
# glossy, which winston-syslog formats with, writes 45 ms of an RFC 5424 time as .45: its fraction has
# two digits below 100 ms, so such a message is up to 0.9 s late. (RFC 5424, section 6.2.3: a fraction.)
set -eu
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . glossy@0.1.7 >/dev/null
cat >times.js <<'END'
const { Produce } = require('glossy');
console.log('glossy', require('glossy/package.json').version);
for (const ms of [5, 45, 345]) {
  const date = new Date(Date.UTC(2026, 10, 30, 11, 44, 27, ms));
  const said = new Produce({ type: 'RFC5424' })
    .produce({ facility: 'user', severity: 'info', host: 'h', appName: 'a', pid: 1, date, message: 'x' });
  console.log(date.toISOString(), said);
}
END
node times.js | tee out
grep -q '^2026-11-30T11:44:27.005Z <14>1 2026-11-30T11:44:27.05Z ' out
grep -q '^2026-11-30T11:44:27.045Z <14>1 2026-11-30T11:44:27.45Z ' out
grep -q '^2026-11-30T11:44:27.345Z <14>1 2026-11-30T11:44:27.345Z ' out
