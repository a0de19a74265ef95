import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressesOf } from './addresses.ts'
import { boundedUnions } from './boundedUnions.ts'

const hosts = (...values: readonly bigint[]) => addressesOf(values.map((first) => ({ family: 4, first, last: first })))

test('unions are written out up to a bound over all of them, and then may be anything', () => {
  const union = boundedUnions(5)
  assert.equal(union([hosts(1n, 5n), hosts(9n)]).sure.length, 3)
  const beyond = union([hosts(1n, 5n), hosts(9n)], [4])
  assert.deepEqual(beyond.sure, [])
  assert.deepEqual(
    beyond.possible.map(({ within }) => within.length),
    [1],
  )
  assert.match(beyond.possible[0]?.because.what ?? '', /too long/)
  assert.equal(union([hosts(1n, 5n, 9n, 12n, 15n, 20n)]).sure.length, 6)
})
