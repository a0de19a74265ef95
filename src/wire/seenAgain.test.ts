import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Packet } from './packet.ts'
import { createSeenAgain } from './seenAgain.ts'

const at = (ms: number) => ({ sec: Math.floor(ms / 1000), nanos: Math.round((ms % 1000) * 1e6) })
const datagram = (identification: number, payloadAt = 42): Packet => ({
  kind: 'udp',
  source: '10.0.0.5',
  destination: '192.0.2.1',
  ttl: 128,
  identification,
  length: 40,
  sourcePort: 50_000,
  destinationPort: 53,
  payloadAt,
  payloadOctets: 12,
})

test('the same headers within some milliseconds are the same packet, whatever lies before them', () => {
  const isAgain = createSeenAgain()
  assert.equal(isAgain(at(1000), datagram(1)), false)
  assert.equal(isAgain(at(1000.4), datagram(1, 28)), true)
  // What is read of several processors is not in the order of time.
  assert.equal(isAgain(at(999.5), datagram(1)), true)
})

test('what is sent again is another packet, by its number or by its time', () => {
  const isAgain = createSeenAgain()
  assert.equal(isAgain(at(1000), datagram(1)), false)
  assert.equal(isAgain(at(1000.4), datagram(2)), false)
  assert.equal(isAgain(at(1300), datagram(1)), false)
  assert.equal(isAgain(at(1300.1), datagram(1)), true)
})

test('what has no time, or is no packet, is never the same', () => {
  const isAgain = createSeenAgain()
  for (const packet of [datagram(1), { kind: 'not-ip', what: 'ARP' }] satisfies Packet[]) {
    assert.equal(isAgain(packet.kind === 'udp' ? undefined : at(0), packet), false)
    assert.equal(isAgain(packet.kind === 'udp' ? undefined : at(0), packet), false)
  }
})

test('a long capture is remembered in part alone', () => {
  const isAgain = createSeenAgain()
  for (let id = 0; id < 5000; id++) assert.equal(isAgain(at(1000), datagram(id)), false)
  assert.equal(isAgain(at(1000), datagram(4999)), true)
  assert.equal(isAgain(at(1000), datagram(0)), false)
})
