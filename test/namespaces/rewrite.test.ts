import assert from 'node:assert/strict'
import { test } from 'node:test'
import dnsPacket from 'dns-packet'
import { asOlderStream, asOlderZone, lengthOfDns, lengthOfRpc } from './rewrite.ts'

/** A DCE/RPC header that claims a length for its fragment. */
function headerOf(length: number, octets = 16): Uint8Array {
  const header = Buffer.alloc(octets)
  header.set([5, 0, 2, 3])
  header.writeUInt16LE(length, 8)
  return header
}

test('a fragment is as long as it says, and of one that would be shorter than its header nothing is known', () => {
  assert.equal(lengthOfRpc(headerOf(24)), 24)
  assert.equal(lengthOfRpc(headerOf(16)), 16)
  for (const length of [0, 1, 15]) assert.equal(lengthOfRpc(headerOf(length)), undefined)
  assert.equal(lengthOfRpc(headerOf(24, 15)), undefined)
})

/** An answer with one record. */
function answerOf(type: string, data: unknown): Buffer {
  const [questions, answers] = [[{ type, name: 'corp.example' }], [{ type, name: 'corp.example', ttl: 60, data }]]
  return dnsPacket.encode({ type: 'response', id: 7, flags: 0, questions, answers, authorities: [], additionals: [] })
}

test('a copy of a zone that is behind has a serial that is one less, and all else as it was', () => {
  const zone = { mname: 'dc1.corp.example', rname: 'hostmaster.corp.example' }
  const numbers = { serial: 42, refresh: 900, retry: 600, expire: 86_400, minimum: 3600 }
  const now = answerOf('SOA', { ...zone, ...numbers })
  const before = answerOf('SOA', { ...zone, ...numbers, serial: 41 })
  assert.deepEqual(asOlderZone(now), before)
  const framed = (message: Buffer): Buffer => Buffer.concat([Buffer.from([0, message.length]), message])
  assert.equal(lengthOfDns(framed(now)), now.length + 2)
  assert.deepEqual(asOlderStream(framed(now)), framed(before))
  const address = answerOf('A', '10.1.0.5')
  assert.deepEqual(asOlderZone(address), address)
})
