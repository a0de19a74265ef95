import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attemptEvidence } from './attemptEvidence.ts'
import type { Packet, TcpSegment } from './packet.ts'

const ours = { address: '10.0.0.5', port: 50_000 }
const theirs = { address: '192.0.2.1', port: 636 }
const attempt = { ...theirs, sinceMs: 1000, untilMs: 9000 }

const segment = (change: Partial<TcpSegment>): TcpSegment => ({
  kind: 'tcp',
  source: ours.address,
  destination: theirs.address,
  sourcePort: ours.port,
  destinationPort: theirs.port,
  ttl: 64,
  identification: 1,
  length: 40,
  interfaceIndex: 2,
  sequence: 100,
  acknowledgement: 0,
  syn: false,
  ack: false,
  rst: false,
  fin: false,
  push: false,
  window: 64_240,
  optionOctets: 0,
  payloadAt: 40,
  payloadOctets: 0,
  ...change,
})
const turned = {
  source: theirs.address,
  destination: ours.address,
  sourcePort: theirs.port,
  destinationPort: ours.port,
  ttl: 60,
}
const syn = segment({ syn: true, optionOctets: 20, maximumSegment: 1460 })
const synAck = segment({ ...turned, syn: true, ack: true, sequence: 7, acknowledgement: 101, maximumSegment: 1380 })
const rst = segment({ ...turned, rst: true, ack: true, ttl: 255, window: 0 })
const payload = segment({ ack: true, push: true, sequence: 101, payloadOctets: 500 })
const prohibited = {
  kind: 'icmp-error',
  source: '10.0.0.1',
  destination: ours.address,
  ttl: 64,
  length: 56,
  family: 4,
  type: 3,
  code: 13,
  about: {
    source: ours.address,
    destination: theirs.address,
    protocol: 6,
    ttl: 63,
    sourcePort: ours.port,
    destinationPort: theirs.port,
  },
} as const satisfies Packet

/** Packets at times in milliseconds since 1970. */
const at = (...seen: readonly (readonly [ms: number, packet: Packet])[]) =>
  seen.map(([ms, packet]) => ({ time: { sec: Math.floor(ms / 1000), nanos: Math.round((ms % 1000) * 1e6) }, packet }))

const none = {
  localAddress: ours.address,
  localPort: ours.port,
  synsSent: 1,
  synAcksSeen: 0,
  icmp: [],
  resent: 0,
  octetsOut: 0,
  octetsIn: 0,
}
const answered = { afterMs: 0.5, ttl: 60, identification: 1, window: 64_240, optionOctets: 0, interfaceIndex: 2 }
const opened = { ...none, synAcksSeen: 1, synAck: { ...answered, maximumSegment: 1380 } }
const reset = { ...answered, ttl: 255, window: 0 }

for (const { what, seen, shows } of [
  { what: 'silence', seen: at([1001, syn], [2001, syn], [4001, syn]), shows: { ...none, synsSent: 3 } },
  {
    what: 'a refusal',
    seen: at([1001, syn], [1001.5, rst]),
    shows: { ...none, rst: { ...reset, before: 'syn-ack' } },
  },
  {
    what: 'a refusal of the second SYN, timed from it',
    seen: at([1001, syn], [2001, syn], [2001.5, rst]),
    shows: { ...none, synsSent: 2, rst: { ...reset, before: 'syn-ack' } },
  },
  {
    what: 'a reset once it stood, and payload that was sent again',
    seen: at([1001, syn], [1001.5, synAck], [1002, payload], [1202, payload], [1602, payload], [1603, rst]),
    shows: { ...opened, resent: 2, octetsOut: 500, rst: { ...reset, afterMs: 602, before: 'payload' } },
  },
  {
    what: 'a reset after the answer',
    seen: at(
      [1001, syn],
      [1001.5, synAck],
      [1002, payload],
      [1003, segment({ ...turned, ack: true, sequence: 8, payloadOctets: 30 })],
      [1004, rst],
    ),
    shows: { ...opened, octetsOut: 500, octetsIn: 30, rst: { ...reset, afterMs: 3, before: 'end' } },
  },
  {
    what: 'a SYN-ACK that this machine refuses',
    seen: at([1001, syn], [1001.5, synAck], [1002, segment({ rst: true, sequence: 101 })], [3000, synAck]),
    shows: { ...opened, synAcksSeen: 2, ownRst: { afterMs: 1 } },
  },
  {
    what: 'a device that prohibits',
    seen: at([1001, syn], [1001.5, prohibited]),
    shows: { ...none, icmp: [{ from: '10.0.0.1', family: 4, type: 3, code: 13, ttl: 64, afterMs: 0.5 }] },
  },
  {
    what: 'a device that prohibits the second SYN, timed from it',
    seen: at([1001, syn], [2001, syn], [2001.5, prohibited]),
    shows: { ...none, synsSent: 2, icmp: [{ from: '10.0.0.1', family: 4, type: 3, code: 13, ttl: 64, afterMs: 0.5 }] },
  },
  {
    what: 'packets that pass two interfaces, counted once',
    seen: at(
      [1001, syn],
      [1001.01, segment({ ...syn, interfaceIndex: 3 })],
      [1001.4, segment({ ...synAck, interfaceIndex: 2 })],
      [1001.5, segment({ ...synAck, interfaceIndex: 3 })],
    ),
    shows: { ...opened, synAck: { ...opened.synAck, afterMs: 0.4 } },
  },
  {
    what: 'packets of other connections, left out',
    seen: at(
      [1001, syn],
      [1001.1, segment({ ...rst, sourcePort: 389 })],
      [1001.2, segment({ ...rst, destinationPort: 50_001 })],
      [1001.3, { ...prohibited, about: { ...prohibited.about, sourcePort: 50_001 } }],
      [900, rst],
      [9100, rst],
    ),
    shows: none,
  },
  {
    what: 'two attempts at once, of which it may be either',
    seen: at([1001, syn], [1001, segment({ syn: true, sourcePort: 50_001 })]),
    shows: undefined,
  },
  { what: 'nothing', seen: at([1001, rst]), shows: undefined },
]) {
  test(`what packets show of an attempt: ${what}`, () => {
    assert.deepEqual(attemptEvidence(seen, attempt), shows)
  })
}

test('a known port tells an attempt from another one at the same time', () => {
  const other = segment({ syn: true, sourcePort: 50_001 })
  const seen = at([1001, syn], [1001, other], [1001.5, rst])
  assert.equal(attemptEvidence(seen, { ...attempt, localPort: 50_001 })?.rst, undefined)
  assert.equal(attemptEvidence(seen, { ...attempt, localPort: 50_000 })?.rst?.ttl, 255)
})

test('any packets in any order show no more than there were', () => {
  const packets = fc.array(
    fc.tuple(fc.integer({ min: 900, max: 9100 }), fc.constantFrom(syn, synAck, rst, payload, prohibited)),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(packets, (list) => {
      const shown = attemptEvidence(at(...list), attempt)
      if (shown === undefined) return
      const { synsSent, synAcksSeen, resent, icmp } = shown
      assert.ok(synsSent >= 1 && synsSent + synAcksSeen + resent + icmp.length <= list.length)
      assert.ok(icmp.length <= 8)
    }),
  )
})

test('what is read before its SYN, or has an earlier time, came after no time at all', () => {
  const early = attemptEvidence(at([2000, synAck], [2000.5, syn], [1999, prohibited]), attempt)
  assert.deepEqual([early?.synAck?.afterMs, early?.icmp[0]?.afterMs], [0, 0])
  const setBack = attemptEvidence(at([2000, syn], [1500, synAck], [1400, rst]), attempt)
  assert.deepEqual([setBack?.synAck?.afterMs, setBack?.rst?.afterMs], [0, 0])
})
