import assert from 'node:assert/strict'
import { test } from 'node:test'
import { datagramEvidence } from './datagramEvidence.ts'
import type { IcmpError, UdpDatagram } from './packet.ts'

const header = { source: '10.1.0.10', destination: '10.1.0.5', ttl: 64, identification: 7, length: 68 } as const
const datagram = (over: Partial<UdpDatagram> = {}): UdpDatagram => ({
  ...header,
  kind: 'udp',
  sourcePort: 40_000,
  destinationPort: 88,
  payloadAt: 28,
  payloadOctets: 40,
  ...over,
})
const error = (about: Partial<NonNullable<IcmpError['about']>> = {}): IcmpError => ({
  ...header,
  source: '10.1.0.1',
  destination: '10.1.0.10',
  kind: 'icmp-error',
  family: 4,
  type: 3,
  code: 3,
  about: {
    source: '10.1.0.10',
    destination: '10.1.0.5',
    protocol: 17,
    ttl: 63,
    sourcePort: 40_000,
    destinationPort: 88,
    ...about,
  },
})
const at = (ms: number): { sec: number; nanos: number } => ({ sec: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 })
const attempt = { address: '10.1.0.5', port: 88, sinceMs: 10_000, untilMs: 11_000 }

test('datagrams to a place and the errors about them are found', () => {
  const found = datagramEvidence(
    [
      { time: at(10_001), packet: datagram() },
      { time: at(10_002), packet: error() },
      { time: at(10_500), packet: datagram({ identification: 8 }) },
    ],
    attempt,
  )
  assert.equal(found?.sent, 2)
  assert.deepEqual(
    found?.errors.map(({ source }) => source),
    ['10.1.0.1'],
  )
})

test('a datagram that is seen on two interfaces counts once', () => {
  const found = datagramEvidence(
    [
      { time: at(10_001), packet: datagram({ interfaceIndex: 2 }) },
      { time: at(10_001), packet: datagram({ interfaceIndex: 3 }) },
    ],
    attempt,
  )
  assert.equal(found?.sent, 1)
})

test('what is of another place, another protocol or another time is left out', () => {
  const others = [
    { time: at(10_001), packet: datagram({ destinationPort: 89 }) },
    { time: at(10_001), packet: datagram({ destination: '10.1.0.6' }) },
    { time: at(9000), packet: datagram() },
    { time: at(12_000), packet: datagram() },
    { time: undefined, packet: datagram() },
  ]
  assert.equal(datagramEvidence(others, attempt), undefined)
  const found = datagramEvidence(
    [
      { time: at(10_001), packet: datagram() },
      { time: at(10_002), packet: error({ protocol: 6 }) },
      { time: at(10_002), packet: error({ destinationPort: 89 }) },
    ],
    attempt,
  )
  assert.deepEqual(found, { sent: 1, errors: [] })
})

test('of a flood of errors the first few are kept', () => {
  const flood = Array.from({ length: 100 }, () => ({ time: at(10_002), packet: error() }))
  const found = datagramEvidence([{ time: at(10_001), packet: datagram() }, ...flood], attempt)
  assert.equal(found?.errors.length, 8)
})
