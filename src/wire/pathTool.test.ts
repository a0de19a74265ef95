import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ReadHop } from './pathTool.ts'
import { endOfPath, readTraceroute, readTracert } from './pathTool.ts'

interface Row {
  readonly name: string
  readonly text: string
  readonly hops: readonly ReadHop[]
}

const head = 'traceroute to 10.9.3.2 (10.9.3.2), 12 hops max, 60 byte packets\n'
const silent = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, at) => `${String(from + at).padStart(2)}  *\n`).join('')
const silence = (from: number, to: number): readonly ReadHop[] =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ ttl: from + at }))

/** traceroute 2.1.2 of Debian 12 between four network namespaces, unless something else is said. */
const ofLinux: readonly Row[] = [
  {
    name: 'an open port (-T -O info)',
    text: `${head} 1  10.9.1.1  0.092 ms\n 2  10.9.2.2  0.031 ms\n 3  10.9.3.2 <syn,ack>  0.038 ms\n`,
    hops: [
      { ttl: 1, address: '10.9.1.1', ms: 0.092 },
      { ttl: 2, address: '10.9.2.2', ms: 0.031 },
      { ttl: 3, address: '10.9.3.2', ms: 0.038, reply: 'syn-ack' },
    ],
  },
  {
    name: 'a closed port, over IPv6',
    text: 'traceroute to fd09:3::2 (fd09:3::2), 12 hops max, 80 byte packets\n 1  fd09:1::1  0.098 ms\n 2  fd09:2::2  0.059 ms\n 3  fd09:3::2 <rst,ack>  0.065 ms\n',
    hops: [
      { ttl: 1, address: 'fd09:1::1', ms: 0.098 },
      { ttl: 2, address: 'fd09:2::2', ms: 0.059 },
      { ttl: 3, address: 'fd09:3::2', ms: 0.065, reply: 'reset' },
    ],
  },
  {
    name: 'a port that the second router drops',
    text: `${head} 1  10.9.1.1  0.051 ms\n 2  10.9.2.2  0.018 ms\n${silent(3, 12)}`,
    hops: [{ ttl: 1, address: '10.9.1.1', ms: 0.051 }, { ttl: 2, address: '10.9.2.2', ms: 0.018 }, ...silence(3, 12)],
  },
  {
    name: 'a router that is silent while what is behind it answers',
    text: `${head} 1  10.9.1.1  0.049 ms\n 2  *\n 3  10.9.3.2 <syn,ack>  0.035 ms\n`,
    hops: [
      { ttl: 1, address: '10.9.1.1', ms: 0.049 },
      { ttl: 2 },
      { ttl: 3, address: '10.9.3.2', ms: 0.035, reply: 'syn-ack' },
    ],
  },
  {
    name: 'a router that prohibits it',
    text: `${head} 1  10.9.1.1  0.054 ms\n 2  10.9.2.2  0.021 ms\n 3  10.9.2.2  0.015 ms !X\n`,
    hops: [
      { ttl: 1, address: '10.9.1.1', ms: 0.054 },
      { ttl: 2, address: '10.9.2.2', ms: 0.021 },
      { ttl: 3, address: '10.9.2.2', ms: 0.015, says: 'prohibited' },
    ],
  },
  {
    name: 'a router without a route',
    text: `${head} 1  10.9.1.1  0.038 ms !N\n`,
    hops: [{ ttl: 1, address: '10.9.1.1', ms: 0.038, says: 'net-unreachable' }],
  },
  {
    name: 'a host that is off: the last router says so after three seconds',
    text: `${head} 1  10.9.1.1  0.045 ms\n 2  10.9.2.2  0.023 ms\n 3  10.9.2.2  3063.867 ms !H\n`,
    hops: [
      { ttl: 1, address: '10.9.1.1', ms: 0.045 },
      { ttl: 2, address: '10.9.2.2', ms: 0.023 },
      { ttl: 3, address: '10.9.2.2', ms: 3063.867, says: 'host-unreachable' },
    ],
  },
  {
    name: 'three packets a hop, of which some get no answer',
    text: `${head} 1  10.9.1.1  0.049 ms * *\n 2  10.9.2.2  0.021 ms  0.010 ms *\n 3  10.9.3.2  0.032 ms  0.013 ms  0.014 ms\n`,
    hops: [
      { ttl: 1, address: '10.9.1.1', ms: 0.049 },
      { ttl: 2, address: '10.9.2.2', ms: 0.021 },
      { ttl: 3, address: '10.9.3.2', ms: 0.032 },
    ],
  },
  {
    name: 'a path that forks, with names, by the form of traceroute(8)',
    text: `${head} 1  gw.corp.example (10.9.1.1)  0.5 ms a.corp.example (10.9.2.1)  0.6 ms b.corp.example (10.9.2.2)  0.7 ms !X\n`,
    hops: [
      { ttl: 1, address: '10.9.1.1', ms: 0.5 },
      { ttl: 1, address: '10.9.2.1', ms: 0.6 },
      { ttl: 1, address: '10.9.2.2', ms: 0.7, says: 'prohibited' },
    ],
  },
  {
    name: 'the words of tcptraceroute, by its manual',
    text: ' 1  10.9.1.1  0.5 ms\n 2  10.9.3.2 [open]  0.6 ms\n 3  10.9.3.3 [closed]  0.6 ms\n',
    hops: [
      { ttl: 1, address: '10.9.1.1', ms: 0.5 },
      { ttl: 2, address: '10.9.3.2', ms: 0.6, reply: 'syn-ack' },
      { ttl: 3, address: '10.9.3.3', ms: 0.6, reply: 'reset' },
    ],
  },
  {
    name: 'what was ended within a line: an address without its time may be the half of one',
    text: `${head} 1  10.9.1.1  0.034 ms\n 2  10.9.2.2`,
    hops: [{ ttl: 1, address: '10.9.1.1', ms: 0.034 }],
  },
  { name: 'what it says instead', text: `${head}send: Operation not permitted\n`, hops: [] },
]

/** By the form that Microsoft documents; the words are those of two languages. */
const ofWindows: readonly Row[] = [
  {
    name: 'a host that answers, in English',
    text: '\r\nTracing route to 10.9.3.2 over a maximum of 20 hops\r\n\r\n  1    <1 ms    <1 ms     1 ms  10.9.1.1 \r\n  2     *        *        *     Request timed out.\r\n  3     7 ms     5 ms     *     10.9.3.2 \r\n\r\nTrace complete.\r\n',
    hops: [{ ttl: 1, address: '10.9.1.1', ms: 1 }, { ttl: 2 }, { ttl: 3, address: '10.9.3.2', ms: 7 }],
  },
  {
    name: 'a router that says no, in German',
    text: '\r\nRoutenverfolgung zu 10.9.3.2 \x81ber maximal 20 Hops\r\n\r\n  1     1 ms    <1 ms    <1 ms  10.9.1.1 \r\n  2     *        *        *     Zeit\x81berschreitung der Anforderung.\r\n  3  10.9.2.2  meldet: Zielhost nicht erreichbar.\r\n\r\nAblaufverfolgung beendet.\r\n',
    hops: [{ ttl: 1, address: '10.9.1.1', ms: 1 }, { ttl: 2 }, { ttl: 3, address: '10.9.2.2', says: 'unreachable' }],
  },
  {
    name: 'one that says no for the last packet alone, over IPv6',
    text: '  1     *       12 ms  fd09:1::1  reports: Destination net unreachable.\r\n',
    hops: [{ ttl: 1, address: 'fd09:1::1', ms: 12, says: 'unreachable' }],
  },
  { name: 'a general failure', text: '  1  General failure.\r\n\r\nTrace complete.\r\n', hops: [] },
  {
    name: 'what was ended within a line',
    text: '  1    <1 ms    <1 ms    <1 ms  10.9.1.1 \r\n  2     3 ms ',
    hops: [{ ttl: 1, address: '10.9.1.1', ms: 1 }],
  },
]

for (const [read, rows] of [
  [readTraceroute, ofLinux],
  [readTracert, ofWindows],
] as const) {
  for (const { name, text, hops } of rows) {
    test(`${read === readTracert ? 'tracert' : 'traceroute'}: ${name}`, () => assert.deepEqual(read(text), hops))
  }
}

test('the end of a path is told by its last hop', () => {
  const at = (ttl: number, address?: string, says?: ReadHop['says']): ReadHop => ({
    ttl,
    ...(address !== undefined && { address }),
    ...(says !== undefined && { says }),
  })
  const [first, host] = [at(1, '10.9.1.1'), at(2, '10.9.3.2')]
  const end = (hops: readonly ReadHop[], isCut = false) => endOfPath(hops, '10.9.3.2', 3, isCut)
  assert.deepEqual(end([first, { ...host, reply: 'reset' }]), { outcome: 'reached', reply: 'reset' })
  assert.deepEqual(end([first, host], true), { outcome: 'reached' })
  assert.deepEqual(end([first, at(2, '10.9.3.2', 'prohibited')]), { outcome: 'stopped' })
  assert.deepEqual(end([first, at(2, '10.9.1.1')]), { outcome: 'stopped' })
  assert.deepEqual(end([first, at(2), at(3)]), { outcome: 'silent' })
  assert.deepEqual(end([first, at(2, '10.9.2.2'), at(3, '10.9.2.3')]), { outcome: 'hop-limit' })
  assert.deepEqual(end([first, at(2)], true), { outcome: 'cut-short' })
  assert.deepEqual(end([]), { outcome: 'cut-short' })
})

const words = fc.constantFrom(
  ...[' ', '\n', '\r\n', '1', '2', '3', '255', '256', '*', 'ms', '<1', '0.5', '1e999', '-1', '10.9.1.1', '(10.9.1.2)'],
  ...[
    'fd09::1',
    'fe80::1%eth0',
    '!X',
    '!N',
    '!H',
    '!<13>',
    '<syn,ack>',
    '[open]',
    'gw',
    '\u0000',
    '\ud800',
    '999.1.1.1',
  ],
)

test('any text is read as hops in their order, and bounded', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 200 }).map((list) => list.join(' ')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      for (const read of [readTraceroute, readTracert]) {
        const hops = read(text)
        assert.ok(hops.length <= 255 * 8)
        for (const [at, { ttl, ms, address }] of hops.entries()) {
          assert.ok(Number.isInteger(ttl) && ttl >= 1 && ttl <= 255)
          assert.ok(at === 0 || ttl >= (hops[at - 1]?.ttl ?? 0))
          assert.ok(ms === undefined || (Number.isFinite(ms) && ms >= 0))
          assert.ok(address === undefined || address.length <= 45)
        }
      }
    }),
  )
})

test('a line without an end, and lines without an end, are read once', () => {
  assert.deepEqual(readTraceroute(` 1  ${'10.9.1.1  0.5 ms  '.repeat(5000)}`).length, 1)
  assert.equal(readTraceroute(' 1  10.9.1.1  0.5 ms\n'.repeat(5000)).length, 1)
  assert.equal(readTracert('  1    <1 ms    <1 ms    <1 ms  10.9.1.1 \n'.repeat(5000)).length, 1)
})
