import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gridOf, isMissing, logOf, pointsOf } from './grid.ts'

test('questions of one step become their median, at the middle of their true times; a step without one is missing', () => {
  const grid = gridOf(
    [
      { at: 1010, value: 9 },
      { at: 130, value: 21 },
      { at: 110, value: 3000 },
      { at: 120, value: 20 },
      { at: 3005, value: 7 },
    ],
    { from: 0, to: 4000, stepMs: 1000 },
  )
  assert.deepEqual([...grid.values], [21, 9, Number.NaN, 7])
  assert.deepEqual([...grid.times], [120, 1010, Number.NaN, 3005])
  assert.equal(grid.held, 3)
  assert.deepEqual(
    [0, 1, 2, 3, 4, -1].map((step) => isMissing(grid, step)),
    [false, false, true, false, true, true],
  )
  assert.deepEqual(pointsOf(grid), [
    { at: 120, value: 21 },
    { at: 1010, value: 9 },
    { at: 3005, value: 7 },
  ])
})

test('each finite point inside lands in the step of its time, whatever the order', () => {
  const point = fc.record({ at: fc.oneof(fc.double(), fc.integer({ min: 0, max: 10_000 })), value: fc.double() })
  fc.assert(
    fc.property(fc.array(point), fc.integer({ min: 1, max: 3000 }), (points, stepMs) => {
      const grid = gridOf(points, { from: 0, to: 10_000, stepMs })
      const inside = points.filter(({ at, value }) => at >= 0 && at < 10_000 && Number.isFinite(value))
      const steps = new Set(inside.map(({ at }) => Math.floor(at / stepMs)))
      assert.equal(grid.held, steps.size)
      for (const [step, at] of grid.times.entries()) {
        assert.equal(isMissing(grid, step), !steps.has(step))
        if (steps.has(step)) assert.ok(at >= step * stepMs && at < (step + 1) * stepMs)
      }
    }),
  )
})

test('a grid that cannot be, or is larger than any, is refused', () => {
  for (const [to, stepMs] of [
    [10, 0],
    [10, Number.NaN],
    [1e12, 1],
    [Number.POSITIVE_INFINITY, 1000],
  ] as const)
    assert.throws(() => gridOf([], { from: 0, to, stepMs }), RangeError)
  assert.equal(gridOf([], { from: 10, to: 0, stepMs: 1 }).values.length, 0)
})

test('logarithms of zero and below are those of a hundredth', () => {
  assert.equal(logOf(0), Math.log(0.01))
  assert.equal(logOf(-5), Math.log(0.01))
  assert.equal(logOf(Math.E), 1)
})
