import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lengthOfRpc } from './rewrite.ts'

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
