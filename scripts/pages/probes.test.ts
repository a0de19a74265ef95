import assert from 'node:assert/strict'
import { test } from 'node:test'
import { probesPage } from './probes.ts'

const sections = new Map((await probesPage()).split('\n## ').map((part) => [part.slice(0, part.indexOf('\n')), part]))

/** By the probe, what its messages show besides the first question: text as it stands, or beside its octets. */
const shown: Readonly<Record<string, readonly RegExp[]>> = {
  dns: [
    /_gc$/m,
    /_ld$/m,
    /_kp$/m,
    /_ke$/m,
    /dc0$[\s\S]*?01 00 01[\s\S]*dc0$[\s\S]*?1c 00 01/m,
    /00 00 00 00 00 00 04 xx/,
  ],
  epm: [/message 5, 140 octets:/, /message 9, 72 octets:/],
  ldap: [/StartTLS is agreed on[^\n]*\n\n```\n0000 {2}16 03 01/],
  ldaps: [/\d+ octets: those of ldap\.\n[\s\S]*handshake/],
  amqps: [/the handshake[^\n]*: those of/],
  winrms: [/0000 {2}16 03 01[\s\S]*http\/1\.1/],
  http: [/^GET \/adfs\/probe HTTP/m],
  https: [/^GET \/FederationMetadata/m, /^GET \/common\/v2\.0\/\.well-known\/openid/m, /^Cookie: visit=1$/m],
  tls: [/^GET \/corp\.crl HTTP/m, /^GET \/ocsp\/MEMw\S+ HTTP/m],
  ws: [/^0000 {2}89 84( xx){8} +\.\.$/m, /^0000 {2}88 82( xx){6} +\.\.$/m],
  wss: [/^GET \/\$servicebus\/websocket HTTP[\s\S]*^Sec-WebSocket-Protocol: amqp$/m],
}

for (const [probe, all] of Object.entries(shown)) {
  test(`what ${probe} sends after its first question, and around it, stands in octets`, () => {
    const section = (sections.get(probe) ?? '').replace(/ +$/gm, '')
    for (const one of all) assert.match(section, one)
  })
}
