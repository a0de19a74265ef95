import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isNoAnswer } from './answerLength.ts'
import { protocolOfBanner } from './banner.ts'
import { decodeDnsMessage } from './dns.ts'
import { decodeKerberosReply, lengthOfKerberosReply } from './kerberos.ts'
import { readLdapAnswer } from './ldap.ts'
import type { ListenBanner } from './listenBanner.ts'
import {
  hostInBanner,
  isListenBanner,
  listenBanner,
  listenBannerIn,
  listenBannerWithin,
  readListenBanner,
  shortestListenBanner,
} from './listenBanner.ts'
import { decodeNtpReply } from './ntp.ts'
import { printableOctets } from './printable-octets.ts'

const said: ListenBanner = {
  version: '0.1.0',
  host: 'dc01',
  port: 389,
  transport: 'tcp',
  peer: '10.1.0.10:50123',
}

const anyBanner: fc.Arbitrary<ListenBanner> = fc.record({
  version: fc.string({ maxLength: 60 }),
  host: fc.string({ maxLength: 300 }),
  port: fc.integer({ min: 1, max: 65_535 }),
  transport: fc.constantFrom('tcp', 'udp'),
  peer: fc.string({ maxLength: 100 }),
})

test('a banner is one plain line that says who answers, where, and who asks', () => {
  assert.equal(
    Buffer.from(listenBanner(said)).toString(),
    'postern listen 0.1.0 dc01 389/tcp; you are 10.1.0.10:50123\r\n',
  )
})

test('what an observation keeps of a banner is read again', () => {
  assert.deepEqual(readListenBanner(printableOctets(listenBanner(said))), {
    host: 'dc01',
    place: '389/tcp',
    peer: '10.1.0.10:50123',
  })
})

test('a banner that was cut is known, and of its words those that are whole', () => {
  const long = { ...said, host: 'h'.repeat(63) }
  assert.deepEqual(readListenBanner(printableOctets(listenBanner(long))), {})
  assert.deepEqual(readListenBanner('postern listen 0.1.0 dc01 389/tcp; you are 10.1.0.1'), {
    host: 'dc01',
    place: '389/tcp',
  })
})

test('what merely speaks of it is no banner', () => {
  for (const text of ['', 'postern', 'postern listener 1', 'HTTP/1.1 200 postern listen', ' postern listen 0.1.0']) {
    assert.equal(readListenBanner(text), undefined, text)
  }
})

test('a datagram gets as many words as it has room for, and none when it has too little', () => {
  const room = (length: number): string | undefined => {
    const octets = listenBannerWithin(said, length)
    return octets && Buffer.from(octets).toString()
  }
  assert.equal(room(60), 'postern listen 0.1.0 dc01 389/tcp; you are 10.1.0.10:50123\r\n')
  // An NTP request has 48 octets, the smallest DNS query 17.
  assert.equal(room(48), 'postern listen 0.1.0 dc01 389/tcp\r\n')
  assert.equal(room(22), 'postern listen 0.1.0\r\n')
  assert.equal(room(17), 'postern listen\r\n')
  assert.equal(room(shortestListenBanner - 1), undefined)
})

test('any banner in any room is no longer than the room, printable, and known as what it is', () => {
  fc.assert(
    fc.property(anyBanner, fc.integer({ min: 0, max: 400 }), (banner, length) => {
      const octets = listenBannerWithin(banner, length)
      assert.equal(octets === undefined, length < shortestListenBanner)
      if (octets === undefined) return
      assert.ok(octets.length <= length)
      assert.match(Buffer.from(octets).toString('latin1'), /^postern listen( [\x20-\x7e]*)?\r\n$/)
      assert.ok(isListenBanner(octets))
      assert.ok(readListenBanner(printableOctets(octets)))
    }),
  )
})

test('a whole banner is read as it was written', () => {
  fc.assert(
    fc.property(anyBanner, (banner) => {
      const octets = listenBanner(banner)
      const { host, place } = readListenBanner(printableOctets(octets, octets.length)) ?? {}
      assert.equal(host, hostInBanner(banner.host))
      assert.equal(place, `${banner.port}/${banner.transport}`)
    }),
  )
})

test('a banner that a name server sends back as an answer is none that is answered, and none that is shown', () => {
  // Samba 4.17 to a banner in a datagram, captured.
  const back = Buffer.from('706ff37565726e206c697374656e0d0a', 'hex')
  assert.equal(isListenBanner(back), true)
  assert.equal(listenBannerIn(back), undefined)
  assert.equal(isListenBanner(back.subarray(0, 4)), false)
})

test('any octets are read without a throw, and are a banner only where they begin like one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const begins = Buffer.from(octets).toString('latin1').startsWith('postern listen')
      if (!begins) assert.equal(isListenBanner(octets), false)
      assert.equal(readListenBanner(printableOctets(octets)) !== undefined, isListenBanner(octets))
    }),
  )
})

test('no service is mistaken for it, nor it for a service', () => {
  const octets = listenBanner(said)
  assert.equal(protocolOfBanner(printableOctets(octets)), undefined)
  assert.equal(readLdapAnswer(octets, 1).kind, 'other')
  assert.ok(isNoAnswer(lengthOfKerberosReply(octets)))
  assert.equal(decodeKerberosReply(octets, 'CORP.EXAMPLE').kind, 'unreadable')
  const ntp = listenBannerWithin(said, 48)
  assert.ok(ntp)
  assert.ok(['unreadable', 'not-ours'].includes(decodeNtpReply(ntp, 1n).kind))
  const dns = decodeDnsMessage(octets)
  assert.ok(dns.kind === 'unreadable' || !dns.response)
})
