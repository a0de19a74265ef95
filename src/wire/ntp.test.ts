import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { NtpTime } from './ntp.ts'
import { decodeNtpReply, encodeNtpRequest, isSynchronised, ntpOffset, ntpOfUnix, unixOfNtp } from './ntp.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))
const stamp = 0x1122334455667788n

/** An answer of a stratum 2 server that follows 192.0.2.5, to a request with `stamp`, at 2024-01-01. */
const sound = `24 02 06 e9 00000c8b 00000453 c0000205
  e93c7f00 00000000 1122334455667788 e93c8080 80000000 e93c8080 80001000`

function time(octets: Uint8Array): NtpTime {
  const reply = decodeNtpReply(octets, stamp)
  assert.ok(reply.kind === 'time', reply.kind)
  return reply
}

test('a request is version 4 in client mode with the transmit timestamp, and nothing else', () => {
  assert.deepEqual(encodeNtpRequest(stamp), hex(`23${'00'.repeat(39)}1122334455667788`))
})

test('an answer is read in all its fields', () => {
  const { rootDelayMs, rootDispersionMs, ...rest } = time(hex(sound))
  assert.deepEqual(rest, {
    kind: 'time',
    leap: 'none',
    version: 4,
    stratum: 2,
    reference: '192.0.2.5',
    pollSec: 64,
    precisionSec: 2 ** -23,
    referenceTime: 0xe93c7f0000000000n,
    received: 0xe93c808080000000n,
    transmitted: 0xe93c808080001000n,
  })
  assert.deepEqual([Math.round(rootDelayMs * 1000), Math.round(rootDispersionMs * 1000)], [48_996, 16_891])
  assert.equal(isSynchronised(time(hex(sound))), true)
})

test('what follows the header, such as a signature, is not looked at', () => {
  assert.deepEqual(time(hex(`${sound} ${'aa'.repeat(20)}`)), time(hex(sound)))
})

const changed = (offset: number, ...octets: readonly number[]): Uint8Array => {
  const made = hex(sound)
  made.set(octets, offset)
  return made
}
const ascii = (text: string): readonly number[] => [...Buffer.from(text)]

for (const { what, octets, reply } of [
  {
    what: 'too short',
    octets: hex(sound).subarray(0, 47),
    reply: { kind: 'unreadable', why: '47 octets, a header has 48' },
  },
  { what: 'of version 7', octets: changed(0, 0x3c), reply: { kind: 'unreadable', why: 'version 7 is none of NTP' } },
  {
    what: 'our own request',
    octets: changed(0, 0x23),
    reply: { kind: 'not-ours', why: 'mode 3, an answer to a client has 4' },
  },
  {
    what: 'a broadcast',
    octets: changed(0, 0x25),
    reply: { kind: 'not-ours', why: 'mode 5, an answer to a client has 4' },
  },
  {
    what: 'an answer to another request',
    octets: changed(31, 0x89),
    reply: { kind: 'not-ours', why: 'the origin timestamp is not that of the request' },
  },
  {
    what: 'a demand to slow down',
    octets: changed(1, 0, 0, 0, ...Array<number>(8).fill(0), ...ascii('RATE')),
    reply: { kind: 'kiss', code: 'RATE', means: 'too many questions: the server asks to slow down' },
  },
  {
    what: 'a refusal of a kind that nobody registered',
    octets: changed(1, 0, 0, 0, ...Array<number>(8).fill(0), 0x58, 0x1b, 0, 0),
    reply: { kind: 'kiss', code: 'X\\x1B' },
  },
] as const) {
  test(`octets that are ${what} are ${reply.kind}`, () => assert.deepEqual(decodeNtpReply(octets, stamp), reply))
}

for (const { what, octets, says } of [
  { what: 'LI 3', octets: changed(0, 0xe4), says: ['unsynchronised', '192.0.2.5'] },
  {
    what: 'stratum 0 and no kiss code',
    octets: changed(1, 0, 0, 0, ...Array<number>(12).fill(0)),
    says: ['none', '0.0.0.0'],
  },
  { what: 'stratum 16', octets: changed(1, 16), says: ['none', '192.0.2.5'] },
  { what: 'no transmit timestamp', octets: changed(40, 0, 0, 0, 0, 0, 0, 0, 0), says: ['none', '192.0.2.5'] },
]) {
  test(`a server with ${what} is not synchronised`, () => {
    const reply = time(octets)
    assert.deepEqual([isSynchronised(reply), reply.leap, reply.reference], [false, ...says])
  })
}

test('a server with a clock of its own names its kind', () => {
  const reply = time(changed(1, 1, 6, 0xe9, ...Array<number>(8).fill(0), ...ascii('GPS'), 0))
  assert.deepEqual([reply.reference, isSynchronised(reply)], ['GPS', true])
})

test('the timestamps of RFC 5905 figure 4 are the moments that it names', () => {
  for (const [moment, seconds] of [
    ['1900-01-01T00:00:00Z', 0n],
    ['1970-01-01T00:00:00Z', 2_208_988_800n],
    ['1972-01-01T00:00:00Z', 2_272_060_800n],
    ['1999-12-31T00:00:00Z', 3_155_587_200n],
    ['2036-02-08T00:00:00Z', 63_104n],
  ] as const) {
    const unixMs = Date.parse(moment)
    assert.equal(ntpOfUnix(unixMs), seconds << 32n, moment)
    if (seconds !== 0n) assert.equal(unixOfNtp(seconds << 32n, unixMs + 86_400_000), unixMs, moment)
  }
  assert.equal(unixOfNtp(0n, 0), undefined)
})

test('any offset and delay come out as they went in, across the turn of an era as well', () => {
  const eraTurnMs = Date.parse('2036-02-07T06:28:16Z')
  const moment = fc.oneof(
    fc.integer({ min: 0, max: Date.parse('2100-01-01T00:00:00Z') }),
    fc.integer({ min: eraTurnMs - 100_000, max: eraTurnMs + 100_000 }),
  )
  const ms = fc.integer({ min: 0, max: 60_000 })
  const offset = fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 })
  fc.assert(
    fc.property(moment, offset, ms, ms, (sentMs, offsetMs, way, stay) => {
      const received = ntpOfUnix(sentMs + way + offsetMs)
      const transmitted = ntpOfUnix(sentMs + way + stay + offsetMs)
      const found = ntpOffset({ received, transmitted }, sentMs, sentMs + 2 * way + stay)
      // A double holds half an era of fractions of a second to about half a microsecond.
      assert.ok(Math.abs(found.offsetMs - offsetMs) < 0.01, `${found.offsetMs}`)
      assert.ok(Math.abs(found.delayMs - 2 * way) < 0.01, `${found.delayMs}`)
    }),
  )
})

test('a way that is unlike there and back puts half of the difference into the offset', () => {
  const found = ntpOffset({ received: ntpOfUnix(1030), transmitted: ntpOfUnix(1030) }, 1000, 1040)
  assert.deepEqual([Math.round(found.offsetMs), Math.round(found.delayMs)], [10, 40])
})

test('any moment is its own after the way to a timestamp and back', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -2e12, max: 6e12, noNaN: true }),
      fc.integer({ min: -1e12, max: 1e12 }),
      (ms, apart) => {
        const timestamp = ntpOfUnix(ms)
        fc.pre(timestamp !== 0n)
        const back = unixOfNtp(timestamp, ms + apart)
        assert.ok(back !== undefined && Math.abs(back - ms) < 0.01)
      },
    ),
  )
})

test('any octets give a value that prints safely, and only the right origin gives a time', () => {
  const header = fc.uint8Array({ maxLength: 80 })
  fc.assert(
    fc.property(
      fc.oneof(
        header,
        header.map((rest) => Uint8Array.from([0x24, ...rest])),
      ),
      fc.boolean(),
      (octets, ours) => {
        const made = Uint8Array.from(octets)
        if (ours && made.length >= 48) new DataView(made.buffer).setBigUint64(24, stamp)
        const reply = decodeNtpReply(made, stamp)
        if (reply.kind === 'time') {
          assert.ok(ours && Number.isFinite(reply.rootDelayMs) && reply.pollSec > 0 && reply.precisionSec > 0)
          assert.match(reply.reference, /^[ -~]*$/)
        }
        if (reply.kind === 'kiss') assert.match(reply.code, /^[ -~]*$/)
      },
    ),
    { numRuns: 2000 },
  )
})

test('chrony 4.3, captured: a clock of its own at stratum 3, and one that has none to follow', () => {
  const own = time(
    hex(`
      240300e600000000000000007f7f0101eeaca4674297b4921122334455667788eeaca46925da1c8beeaca46925df5786`),
  )
  const { rootDelayMs, rootDispersionMs, ...rest } = own
  assert.deepEqual(rest, {
    kind: 'time',
    leap: 'none',
    version: 4,
    stratum: 3,
    reference: '127.127.1.1',
    pollSec: 1,
    precisionSec: 2 ** -26,
    referenceTime: 0xeeaca4674297b492n,
    received: 0xeeaca46925da1c8bn,
    transmitted: 0xeeaca46925df5786n,
  })
  assert.deepEqual([rootDelayMs, rootDispersionMs, isSynchronised(own)], [0, 0, true])
  const none = time(
    hex(`
      e40000e600010000000100000000000000000000000000001122334455667788eeaca46b2670fa31eeaca46b2675ce68`),
  )
  assert.deepEqual(
    [none.leap, none.stratum, none.reference, none.rootDispersionMs, isSynchronised(none)],
    ['unsynchronised', 16, '0.0.0.0', (1000 / 65_536) * 0x10000, false],
  )
})
