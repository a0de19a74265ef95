import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CollectedOctets } from './collectedOctets.ts'

test('any pieces are put together up to the limit, in memory of at most twice their size or the first 4 KiB', () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 20 })
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 20_000 }), (sent, most) => {
      const collected = new CollectedOctets(most)
      const whole = Buffer.concat(sent)
      let came = 0
      for (const piece of sent) {
        came += piece.length
        assert.equal(collected.add(piece), came <= most)
        assert.ok(collected.capacity <= Math.min(most, Math.max(4096, 2 * came)))
      }
      assert.deepEqual(Buffer.from(collected.octets), whole.subarray(0, most))
    }),
  )
})

test('pieces of one octet do not hold on to the read that they came in', () => {
  const collected = new CollectedOctets(1_048_576)
  const read = new Uint8Array(65_536)
  for (let at = 0; at < 200_000; at += 1) collected.add(read.subarray(at % read.length, (at % read.length) + 1))
  assert.ok(collected.capacity < 400_000 + 4096)
})
