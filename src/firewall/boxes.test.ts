import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AddressRange } from './addresses.ts'
import type { Box } from './boxes.ts'
import { boxesWithout, boxWithout, coversBox, intersectionOfBoxes, meetBoxes, volumeOfBox } from './boxes.ts'
import { coordinates6 } from './coordinates.ts'
import type { Intervals } from './intervals.ts'
import {
  countOfIntervals,
  coversIntervals,
  intersectionOfIntervals,
  intervalsOf,
  intervalsWithout,
  meetIntervals,
  unionOfIntervals,
} from './intervals.ts'

const most = 12
const some = fc
  .array(fc.nat({ max: most }), { maxLength: 8 })
  .map((ends) => intervalsOf(ends.length % 2 === 0 ? ends : ends.slice(1)))
const whole = some.map((set): Intervals => (set.length === 0 ? [0, most] : set))
const box: fc.Arbitrary<Box> = fc.tuple(whole, whole, whole, whole, whole)

const has = (set: Intervals, value: number): boolean =>
  set.some((lo, i) => i % 2 === 0 && lo <= value && value < (set[i + 1] ?? 0))

test('intervals are the sets of their numbers', () => {
  fc.assert(
    fc.property(some, some, (a, b) => {
      const common = intersectionOfIntervals(a, b)
      const left = intervalsWithout(a, b)
      const both = unionOfIntervals(a, b)
      for (let value = 0; value <= most; value += 1) {
        assert.equal(has(common, value), has(a, value) && has(b, value))
        assert.equal(has(left, value), has(a, value) && !has(b, value))
        assert.equal(has(both, value), has(a, value) || has(b, value))
      }
      assert.equal(meetIntervals(a, b), common.length > 0)
      assert.equal(coversIntervals(a, b), intervalsWithout(b, a).length === 0)
      assert.equal(countOfIntervals(both), countOfIntervals(a) + countOfIntervals(b) - countOfIntervals(common))
      for (const set of [common, left, both]) assert.ok(set.every((value, i) => i === 0 || (set[i - 1] ?? 0) < value))
    }),
  )
})

test('what is cut out of a box and what is left are the box, and at most five boxes are left', () => {
  fc.assert(
    fc.property(box, box, (a, b) => {
      const common = intersectionOfBoxes(a, b)
      const left = boxWithout(a, b)
      assert.ok(left.length <= 5)
      const volume = left.reduce((sum, one) => sum + volumeOfBox(one), common === undefined ? 0 : volumeOfBox(common))
      assert.equal(volume, volumeOfBox(a))
      for (const [at, one] of left.entries()) {
        assert.ok(coversBox(a, one) && !meetBoxes(one, b))
        assert.ok(left.slice(at + 1).every((other) => !meetBoxes(one, other)))
      }
    }),
  )
})

test('boxes without others have nothing of them, or say that they are too many', () => {
  fc.assert(
    fc.property(box, fc.array(box, { maxLength: 6 }), (a, others) => {
      const left = boxesWithout([a], others, 1000)
      assert.ok(left?.every((one) => others.every((other) => !meetBoxes(one, other))))
      const few = boxesWithout([a], others, 1)
      assert.ok(few === undefined || few.length <= 1)
    }),
  )
})

test('ranges of IPv6 come back from their coordinates, also where they end between known bounds', () => {
  const range = fc
    .tuple(fc.bigInt(0n, 40n), fc.bigInt(0n, 40n))
    .map(([a, b]): AddressRange => ({ family: 6, first: a < b ? a : b, last: a < b ? b : a }))
  fc.assert(
    fc.property(fc.array(range, { maxLength: 6 }), range, (known, asked) => {
      const line = coordinates6(known)
      for (const one of known) assert.deepEqual(line.ranges(line.intervals([one])), [one])
      assert.deepEqual(line.ranges(line.intervals([asked]), [asked]), [asked])
    }),
  )
})
