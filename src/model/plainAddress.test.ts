import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf } from './networkOf.ts'
import { plainAddress } from './plainAddress.ts'

for (const [text, plain] of [
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:207', '192.0.2.7'],
  ['192.0.2.7', '192.0.2.7'],
  ['2001:DB8:0::1', '2001:db8::1'],
  ['::1', '::1'],
  ['::ffff:192.0.2', undefined],
  ['host', undefined],
] as const) {
  test(`${text} is the address ${plain ?? 'of nothing'}`, () => assert.equal(plainAddress(text), plain))
}

for (const [text, network] of [
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3::4', '2001:db8:1:2::/64'],
  ['host', 'host'],
] as const) {
  test(`${text} is of the network ${network}`, () => assert.equal(networkOf(text), network))
}
