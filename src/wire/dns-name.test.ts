import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readDnsName } from './dns-name.ts'

const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

for (const { what, hex, at = 0, text, end } of [
  { what: 'the root', hex: '00', text: '.', end: 1 },
  { what: 'labels', hex: '01 61 02 62 63 00', text: 'a.bc', end: 6 },
  { what: 'a pointer backwards', hex: '01 61 00 01 62 c0 00', at: 3, text: 'b.a', end: 7 },
  { what: 'octets that would not be seen', hex: '04 2e 5c 07 ff 00', text: '\\.\\\\\\007\\255', end: 6 },
]) {
  test(`${what} is read`, () => {
    assert.deepEqual(readDnsName(octetsOf(hex), at), { text, end })
  })
}

for (const { what, octets } of [
  { what: 'a pointer at itself', octets: octetsOf('c0 00') },
  { what: 'a pointer forwards', octets: octetsOf('c0 02 00') },
  { what: 'a label past the end', octets: octetsOf('05 61 62') },
  { what: 'half a pointer', octets: octetsOf('c0') },
  { what: 'a label of an unknown kind', octets: octetsOf('40 00') },
  { what: 'more than 255 octets', octets: Uint8Array.from(Array<number[]>(130).fill([1, 0x61]).flat()) },
]) {
  test(`${what} is no name`, () => {
    assert.throws(() => readDnsName(octets, 0), RangeError)
  })
}

/** Pieces of names and pointers, so that more than a label is read. */
const anyMessage = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .array(
      fc.oneof(
        fc.uint8Array({ maxLength: 20 }).map((label) => [label.length, ...label]),
        fc.nat(300).map((to) => [0xc0 + (to >> 8), to & 0xff]),
        fc.constant([0]),
      ),
      { maxLength: 60 },
    )
    .map((parts) => Uint8Array.from(parts.flat())),
)

test('any octets are a name that ends inside of them and prints safely, or are refused with a reason', () => {
  fc.assert(
    fc.property(anyMessage, fc.nat(310), (octets, offset) => {
      try {
        const { text, end } = readDnsName(octets, offset)
        assert.ok(end > offset && end <= octets.length)
        assert.match(text, /^[\x21-\x7e]{1,1020}$/)
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

test('a message of nothing but pointers is refused after a few', () => {
  const octets = Uint8Array.from(
    Array.from({ length: 8000 }, (_, at) => [0xc0 + (Math.max(0, at * 2 - 2) >> 8), (at * 2 - 2) & 0xff]).flat(),
  )
  assert.throws(() => readDnsName(octets, 400), /more than 127 pointers/)
})
