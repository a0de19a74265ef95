import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rangesOfPrefix } from '../rangesOfPrefix.ts'
import { placesHolding } from './placesHolding.ts'

const places = {
  lan: rangesOfPrefix('10.1.0.0/16'),
  branch: ['10.2.0.0/16', '2001:db8:2::/48'].flatMap(rangesOfPrefix),
  wan: rangesOfPrefix('0.0.0.0/0'),
}

const rows: readonly (readonly [says: string, prefixes: readonly string[], found: readonly string[] | undefined])[] = [
  ['the nearest holds it', ['10.1.0.10'], ['lan']],
  ['each range has a place of its own', ['10.1.0.10', '10.2.0.0/24'], ['lan', 'branch']],
  ['what is behind no other is outside', ['20.190.128.0/18'], ['wan']],
  ['a wide range is behind all that are part of it', ['10.0.0.0/8'], ['lan', 'branch', 'wan']],
  ['of a family that no place has it may be behind any', ['2001:db8:3::1'], undefined],
  ['one range that is behind none makes all of it so', ['10.1.0.10', '2001:db8:3::1'], undefined],
  ['no range is behind none', [], undefined],
]

for (const [says, prefixes, found] of rows) {
  test(`places of addresses: ${says}`, () => {
    assert.deepEqual(placesHolding(prefixes.flatMap(rangesOfPrefix), places), found)
  })
}

test('places of addresses: two that have the same network both hold it', () => {
  const twins = { a: rangesOfPrefix('10.1.0.0/16'), b: rangesOfPrefix('10.1.0.0/16') }
  assert.deepEqual(placesHolding(rangesOfPrefix('10.1.2.3'), twins), ['a', 'b'])
})
