import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatCidr, parseAddress } from '../model/cidr.ts'
import { portTexts, protocolText, rangeText, rangeTexts } from './rangeText.ts'

const address = (text: string): bigint => parseAddress(text)?.value ?? assert.fail(text)
const range = (first: string, last: string) => ({
  family: first.includes(':') ? (6 as const) : (4 as const),
  first: address(first),
  last: address(last),
})

const rows: readonly (readonly [first: string, last: string, text: string])[] = [
  ['10.1.0.10', '10.1.0.10', '10.1.0.10'],
  ['10.1.0.0', '10.1.0.255', '10.1.0.0/24'],
  ['10.1.0.1', '10.1.0.2', '10.1.0.1-10.1.0.2'],
  ['10.1.0.0', '10.1.0.2', '10.1.0.0-10.1.0.2'],
  ['0.0.0.0', '255.255.255.255', '0.0.0.0/0'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::/32'],
  ['2001:db8::5', '2001:db8::5', '2001:db8::5'],
]

for (const [first, last, text] of rows) {
  test(`${first} to ${last} is written ${text}`, () => assert.equal(rangeText(range(first, last)), text))
}

test('all of a family is any, and both are any once', () => {
  const all = [range('0.0.0.0', '255.255.255.255'), range('::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')]
  assert.deepEqual(rangeTexts(all), ['any'])
  assert.deepEqual(rangeTexts([range('10.0.0.1', '10.0.0.1')]), ['10.0.0.1'])
})

test('every prefix is written as that prefix', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), fc.integer({ min: 1, max: 31 }), (value, length) => {
      const size = 1n << BigInt(32 - length)
      const first = (value / size) * size
      const text = formatCidr({ family: 4, first, prefixLength: length })
      assert.equal(rangeText({ family: 4, first, last: first + size - 1n }), text)
    }),
  )
})

test('ports and protocols are written as people say them', () => {
  assert.deepEqual(
    portTexts([
      { first: 443, last: 443 },
      { first: 49152, last: 65535 },
    ]),
    ['443', '49152-65535'],
  )
  assert.deepEqual([6, 17, 1, 58, 50].map(protocolText), ['tcp', 'udp', 'icmp', 'icmpv6', '50'])
})
