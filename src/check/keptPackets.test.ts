import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sniffed } from '../net/sniff.ts'
import type { IcmpError, Packet, TcpSegment } from '../wire/packet.ts'
import { KeptPackets } from './keptPackets.ts'

const dc = '10.1.0.5'
const header = { ttl: 64, length: 40, interfaceIndex: 2 } as const
const segment = (over: Partial<TcpSegment>): TcpSegment => ({
  ...header,
  kind: 'tcp',
  source: '10.1.0.10',
  destination: dc,
  sourcePort: 50_000,
  destinationPort: 636,
  sequence: 1,
  acknowledgement: 0,
  syn: false,
  ack: true,
  rst: false,
  fin: false,
  push: false,
  window: 1024,
  optionOctets: 0,
  payloadAt: 40,
  payloadOctets: 0,
  ...over,
})
const back = { source: dc, sourcePort: 636, destination: '10.1.0.10', destinationPort: 50_000 } as const
const syn = segment({ syn: true, ack: false })
const synAck = segment({ ...back, syn: true })
const said = segment({ payloadOctets: 300 })
const heard = segment({ ...back, payloadOctets: 1400 })
const errorAbout = (destination: string): IcmpError => ({
  ...header,
  kind: 'icmp-error',
  source: '10.1.0.1',
  destination: '10.1.0.10',
  family: 4,
  type: 3,
  code: 13,
  about: { source: '10.1.0.10', destination, protocol: 6, ttl: 63, sourcePort: 50_000, destinationPort: 636 },
})

const at = (packet: Packet): Sniffed => ({ time: { sec: 1, nanos: 0 }, packet })

function keptOf(...packets: readonly Packet[]): KeptPackets {
  const kept = new KeptPackets([dc])
  for (const packet of packets) kept.add(at(packet))
  return kept
}

const packetsAt = (kept: KeptPackets, port = 636): readonly Packet[] => kept.at(dc, port).map(({ packet }) => packet)

test('what opens a connection, what is said, and the errors about it are kept by the place', () => {
  const reset = segment({ ...back, rst: true })
  const kept = keptOf(syn, synAck, segment({}), said, heard, heard, reset, errorAbout(dc))
  assert.deepEqual(packetsAt(kept), [syn, synAck, said, heard, reset, errorAbout(dc)])
  assert.deepEqual([kept.seen, kept.count, packetsAt(kept, 389).length], [8, 6, 0])
})

test('of what is between others, of connections that stood before, and of what cannot be read nothing is kept', () => {
  const kept = keptOf(
    segment({ syn: true, ack: false, destination: '10.9.9.9' }),
    errorAbout('10.9.9.9'),
    heard,
    said,
    { kind: 'not-ip', what: 'ARP' },
    { kind: 'unreadable', why: 'cut' },
  )
  assert.equal(kept.count, 0)
})

test('a long connection fills nothing, and its reset is kept all the same', () => {
  const kept = keptOf(syn, synAck)
  for (let sequence = 0; sequence < 10_000; sequence += 1) {
    kept.add(at(segment({ sequence, payloadOctets: 1400 })))
    kept.add(at(segment({ ...back, sequence, payloadOctets: 1400 })))
  }
  const reset = segment({ ...back, rst: true })
  kept.add(at(reset))
  assert.ok(kept.count < 50, `${kept.count} packets`)
  assert.equal(packetsAt(kept).at(-1), reset)
})

test('a flood of errors about one place is cut', () => {
  const kept = keptOf(...Array.from({ length: 10_000 }, () => errorAbout(dc)))
  assert.ok(kept.count <= 64)
})

test('where it is too much the oldest places go, and what is newest stays', () => {
  const kept = new KeptPackets([dc])
  for (let n = 0; n < 150_000; n += 1) {
    kept.add(at(segment({ syn: true, ack: false, sourcePort: 1024 + (n % 64_000), destinationPort: 1 + (n % 60_000) })))
  }
  const newest = segment({ syn: true, ack: false, destinationPort: 65_000 })
  kept.add(at(newest))
  assert.ok(kept.count <= 120_000, `${kept.count} packets`)
  assert.deepEqual(packetsAt(kept, 65_000), [newest])
})
