import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WebSocketBoundary } from './webSocketBoundary.ts'

/** A frame of RFC 6455 §5.2 in its shortest form. */
function frame(length: number, isMasked: boolean): Uint8Array {
  const mask = isMasked ? [1, 2, 3, 4] : []
  const bit = isMasked ? 0x80 : 0
  const size =
    length < 126
      ? [bit | length]
      : length < 65_536
        ? [bit | 126, length >> 8, length & 0xff]
        : [bit | 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff]
  return Uint8Array.from([0x82, ...size, ...mask, ...new Uint8Array(length).fill(0x88)])
}

const frames = fc.array(fc.tuple(fc.constantFrom(0, 1, 5, 125, 126, 127, 300, 65_535, 65_536, 70_000), fc.boolean()), {
  minLength: 1,
  maxLength: 4,
})

test('between frames, and only there, whatever the pieces in which they come', () => {
  fc.assert(
    fc.property(frames, fc.infiniteStream(fc.integer({ min: 1, max: 40_000 })), (wished, sizes) => {
      const all = wished.map(([length, isMasked]) => frame(length, isMasked))
      const ends = new Set<number>([0])
      let total = 0
      for (const each of all) {
        total += each.length
        ends.add(total)
      }
      const octets = new Uint8Array(Buffer.concat(all))
      const boundary = new WebSocketBoundary()
      for (let at = 0; at < octets.length; ) {
        const size = sizes.next().value
        boundary.pass(octets.subarray(at, at + size))
        at = Math.min(octets.length, at + size)
        assert.equal(boundary.isBetweenFrames, ends.has(at))
      }
    }),
    { numRuns: 50 },
  )
})

test('octets that are no frames are followed as well, without an end', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (pieces) => {
      const boundary = new WebSocketBoundary()
      for (const piece of pieces) boundary.pass(piece)
      assert.equal(typeof boundary.isBetweenFrames, 'boolean')
    }),
  )
})
