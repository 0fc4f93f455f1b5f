#!/bin/bash
# syslog-pro begins the text of an RFC 5424 message with the three letters "BOM" where the RFC wants
# the bytes EF BB BF, unless utf8BOM is false. A receiver shows them as part of the text.
#
# Needs Node.js and npm; downloads into a temporary folder. Exits with 1 if it behaves otherwise.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work"
npm install --silent --ignore-scripts syslog-pro@1.0.0 >/dev/null

node >out -e "
const { RFC5424 } = require('syslog-pro');
(async () => {
  for (const utf8BOM of [undefined, false]) {
    const format = new RFC5424({ applicationName: 'shop', hostname: 'mine', utf8BOM });
    const message = await format.buildMessage('text', { severity: 6, facility: 1 });
    console.log(JSON.stringify(message.replace(/ \S+T\S+ /, ' TIME ')));
  }
})();
"
cat out
diff out - <<'END'
"<14>1 TIME mine  - - - BOMtext\n"
"<14>1 TIME mine  - - - text\n"
END
