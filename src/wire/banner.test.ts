import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { protocolOfBanner } from './banner.ts'
import { printableOctets } from './printable-octets.ts'

for (const { octets, protocol } of [
  { octets: Buffer.from('HTTP/1.1 400 Bad Request\r\n'), protocol: 'HTTP' },
  { octets: Buffer.from('<!DOCTYPE html><html>'), protocol: 'HTTP' },
  { octets: Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), protocol: 'SSH' },
  { octets: Buffer.from('220 mail.corp.example ESMTP ready\r\n'), protocol: 'SMTP' },
  { octets: Buffer.from('220 (vsFTPd 3.0.3) FTP\r\n'), protocol: 'FTP' },
  { octets: Buffer.from('220 welcome\r\n'), protocol: 'SMTP or FTP' },
  { octets: Buffer.from('+OK POP3 ready\r\n'), protocol: 'POP3' },
  { octets: Buffer.from('* OK IMAP4rev1 ready\r\n'), protocol: 'IMAP' },
  { octets: Buffer.from('RFB 003.008\n'), protocol: 'VNC' },
  { octets: Buffer.from('414d515000010000', 'hex'), protocol: 'AMQP' },
  { octets: Buffer.from('0000004fff534d4272', 'hex'), protocol: 'SMB' },
  { octets: Buffer.from('4a0000000a352e372e3331', 'hex'), protocol: 'MySQL' },
  { octets: Buffer.from('05000d0310000000', 'hex'), protocol: 'DCE/RPC' },
  { octets: Buffer.from('300c02010161070a0102', 'hex'), protocol: 'LDAP' },
  { octets: Buffer.from('fffd18fffd20', 'hex'), protocol: 'Telnet' },
  { octets: Buffer.from('-ERR unknown command\r\n'), protocol: 'Redis' },
  { octets: Buffer.from('hello'), protocol: undefined },
  { octets: Buffer.from(''), protocol: undefined },
]) {
  test(`${JSON.stringify(printableOctets(octets, 12))} is ${protocol ?? 'of no protocol that is known'}`, () => {
    assert.equal(protocolOfBanner(printableOctets(octets)), protocol)
  })
}

test('any octets are judged', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
      const protocol = protocolOfBanner(printableOctets(octets))
      assert.ok(protocol === undefined || protocol.length > 0)
    }),
  )
})
