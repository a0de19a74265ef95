import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { selfNamed } from './answerLength.ts'

const rows: readonly (readonly [octets: string, says: string | undefined])[] = [
  ['HTTP/1.1 400 Bad Request\r\n', 'begins with HTTP/1.1'],
  ['<!doctype html><title>Sign in</title>', 'begins as HTTP does'],
  ['SSH-2.0-OpenSSH_9.2p1\r\n', 'begins with SSH-2.0'],
  ['220 mail.corp.example ESMTP\r\n', 'begins as SMTP does'],
  ['RFB 003.008\n', 'begins as VNC does'],
  ['\x15\x03\x01\x00\x02\x02\x28', 'TLS alert 40 (handshake_failure)'],
  ['\x15\x03\x03\x00\x02\x02\x46', 'TLS alert 70 (protocol_version)'],
  ['\x16\x03\x03\x00\x7a\x02', 'a record of TLS'],
  // Readers of their own tell these better, and so do they what is none.
  ['AMQP\x00\x01\x00\x00', undefined],
  ['\x00\x00\x00\x40\xfeSMB', undefined],
  ['0\x84\x00\x00\x00\x10\x02\x01\x01', undefined],
  ['\x15', undefined],
  ['\xff\xff\xff\xff', undefined],
  ['', undefined],
]

for (const [octets, says] of rows) {
  test(`${JSON.stringify(octets)} ${says ?? 'does not name itself'}`, () =>
    assert.equal(selfNamed(Buffer.from(octets, 'latin1')), says))
}

test('of any octets a short line is said, or nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
      assert.match(selfNamed(octets) ?? '', /^[ -~]{0,80}$/)
    }),
  )
})
