import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { quantileOf } from './median.ts'
import { normalDraw, seededRandom } from './seededRandom.ts'
import { decodeSketch, encodeSketch, mostBuckets, Sketch } from './sketch.ts'

const shares = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1]
/** Over 12 powers of ten, of either sign, and zero: what buckets are enough for. */
const measured = fc.oneof(
  fc.constant(0),
  fc.double({ min: 1e-5, max: 1e7, noNaN: true }),
  fc.double({ min: -1e7, max: -1e-5, noNaN: true }),
)

function sketchOf(values: Iterable<number>): Sketch {
  const sketch = new Sketch()
  for (const value of values) assert.ok(sketch.add(value))
  return sketch
}

function isWithin(told: number | undefined, exact: number): boolean {
  return told !== undefined && Math.abs(told - exact) <= Math.abs(exact) * 0.01 * (1 + 1e-9)
}

test('every quantile lies within 1 % of the exact one, of either sign', () => {
  fc.assert(
    fc.property(fc.array(measured, { minLength: 1, maxLength: 500 }), (values) => {
      const sketch = sketchOf(values)
      for (const share of shares)
        assert.ok(isWithin(sketch.quantile(share), quantileOf(values, share)), `${share}: ${sketch.quantile(share)}`)
      assert.equal(sketch.least, Math.min(...values))
      assert.equal(sketch.greatest, Math.max(...values))
    }),
  )
})

test('a hundred thousand latencies with heavy tails are told within 1 %', () => {
  const random = seededRandom(1)
  const values = Array.from({ length: 100_000 }, () => 20 * Math.exp(1.5 * normalDraw(random)))
  const sketch = sketchOf(values)
  for (const share of shares) assert.ok(isWithin(sketch.quantile(share), quantileOf(values, share)))
  assert.ok(encodeSketch(sketch).length < 3000)
})

test('merging in any order and any parts is the same as one sketch of all', () => {
  const anything = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(fc.array(fc.array(fc.oneof(measured, anything), { maxLength: 40 }), { maxLength: 8 }), (parts) => {
      const whole = encodeSketch(sketchOf(parts.flat()))
      const merged = new Sketch()
      for (const part of parts) merged.merge(sketchOf(part))
      const backwards = new Sketch()
      for (const part of parts.toReversed()) backwards.merge(sketchOf(part.toReversed()))
      assert.deepEqual(encodeSketch(merged), whole)
      assert.deepEqual(encodeSketch(backwards), whole)
    }),
  )
})

test('a sketch that is merged into itself has everything twice', () => {
  const sketch = sketchOf([1, 2, 3, -4, 0])
  sketch.merge(sketch)
  assert.equal(sketch.count, 10)
  assert.deepEqual(encodeSketch(sketch), encodeSketch(sketchOf([1, 2, 3, -4, 0, 1, 2, 3, -4, 0])))
})

test('values from the smallest to the largest number fit into bounded buckets, and the large ones stay exact', () => {
  const values = Array.from({ length: 1200 }, (_, at) => 1.8 * 10 ** (at * 0.26 - 4))
  const sketch = sketchOf(values)
  assert.ok(sketch.parts.positive.length <= mostBuckets)
  for (const share of [0.96, 0.99, 1]) assert.ok(isWithin(sketch.quantile(share), quantileOf(values, share)))
  assert.equal(sketch.add(Number.MAX_VALUE), true)
  assert.equal(sketch.quantile(1), Number.MAX_VALUE)
})

test('what is no finite number, or stands no whole number of times, is refused', () => {
  const sketch = new Sketch()
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    assert.equal(sketch.add(value), false)
  for (const times of [0, -1, 0.5, Number.NaN, 2 ** 53]) assert.equal(sketch.add(1, times), false)
  assert.equal(sketch.count, 0)
  assert.equal(sketch.quantile(0.5), undefined)
  assert.equal(sketch.least, undefined)
  assert.equal(sketchOf([1]).quantile(1.5), undefined)
})

test('what was written is read again, and writes the same', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(measured, fc.integer({ min: 1, max: 2 ** 40 })), { maxLength: 60 }), (counted) => {
      const sketch = new Sketch()
      for (const [value, times] of counted) sketch.add(value, times)
      const octets = encodeSketch(sketch)
      const read = decodeSketch(octets)
      assert.ok(read)
      assert.deepEqual(encodeSketch(read), octets)
      assert.deepEqual(
        shares.map((share) => read.quantile(share)),
        shares.map((share) => sketch.quantile(share)),
      )
    }),
  )
})

test('any octets are read or refused, without a throw, and what is read writes what was read', () => {
  const octets = fc.uint8Array({ maxLength: 200 })
  const nearly = fc
    .tuple(fc.array(measured, { minLength: 1, maxLength: 30 }), fc.nat(), fc.nat(255))
    .map(([values, at, octet]) => {
      const written = encodeSketch(sketchOf(values))
      written[at % written.length] = octet
      return written
    })
  fc.assert(
    fc.property(
      fc.oneof(
        octets,
        octets.map((rest) => Uint8Array.from([1, ...rest])),
        nearly,
      ),
      (given) => {
        const sketch = decodeSketch(given)
        if (sketch === undefined) return
        for (const share of shares) assert.ok(Number.isFinite(sketch.quantile(share) ?? 0))
        const again = decodeSketch(encodeSketch(sketch))
        assert.equal(again?.count, sketch.count)
      },
    ),
    { numRuns: 2000 },
  )
})

test('every cut of a sketch is refused', () => {
  const octets = encodeSketch(sketchOf([1, 2, 300, -5, 0]))
  for (let length = 0; length < octets.length; length += 1)
    assert.equal(decodeSketch(octets.subarray(0, length)), undefined)
  assert.equal(decodeSketch(Uint8Array.from([...octets, 0])), undefined)
})

test('five minutes of one path are some octets', () => {
  const random = seededRandom(3)
  const octets = encodeSketch(sketchOf(Array.from({ length: 5 }, () => 20 * Math.exp(0.2 * normalDraw(random)))))
  assert.ok(octets.length < 50, String(octets.length))
})
