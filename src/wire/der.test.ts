import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  element,
  elements,
  encoded,
  encodedInteger,
  integer,
  objectIdentifier,
  octetsOfHex,
  tags,
  time,
} from './der.ts'

const octetsOf = (hex: string): Uint8Array => octetsOfHex(hex.replaceAll(' ', ''))

test('an element tells where its contents lie, with a short and with a long length', () => {
  assert.deepEqual(element(octetsOf('02 01 05'), 0, 3), { tag: 2, start: 0, from: 2, to: 3 })
  const long = encoded(tags.octetString, new Uint8Array(300))
  assert.deepEqual(element(long, 0, long.length), { tag: 4, start: 0, from: 4, to: 304 })
})

for (const { what, hex } of [
  { what: 'ends before its contents', hex: '02 03 01 01' },
  { what: 'has no length', hex: '02' },
  { what: 'has an indefinite length', hex: '30 80 00 00' },
  { what: 'has a length of five octets', hex: '04 85 00 00 00 00 01 00' },
  { what: 'has a length that is cut off', hex: '04 82 01' },
]) {
  test(`what ${what} is no element`, () => {
    const octets = octetsOf(hex)
    assert.equal(element(octets, 0, octets.length), undefined)
  })
}

test('dates are read in both forms, and nothing else is', () => {
  const read = (tag: number, text: string) => {
    const octets = encoded(tag, Buffer.from(text))
    return time(octets, { tag, start: 0, from: 2, to: octets.length })
  }
  assert.equal(read(tags.utcTime, '491231235959Z'), Date.parse('2049-12-31T23:59:59Z'))
  assert.equal(read(tags.utcTime, '500101000000Z'), Date.parse('1950-01-01T00:00:00Z'))
  assert.equal(read(tags.generalizedTime, '20260506070809Z'), Date.parse('2026-05-06T07:08:09Z'))
  for (const text of ['20261306070809Z', '20260506070809', '2026050607080Z', '']) {
    assert.equal(read(tags.generalizedTime, text), undefined)
  }
})

for (const { value, hex } of [
  { value: 0, hex: '02 01 00' },
  { value: 127, hex: '02 01 7f' },
  { value: 128, hex: '02 02 00 80' },
  { value: 256, hex: '02 02 01 00' },
  { value: -128, hex: '02 01 80' },
  { value: -129, hex: '02 02 ff 7f' },
  { value: 4_294_967_295, hex: '02 05 00 ff ff ff ff' },
]) {
  test(`the INTEGER ${value} is ${hex}`, () => assert.deepEqual(encodedInteger(value), octetsOf(hex)))
}

test('any INTEGER of 48 bits is read as it was written, and what is longer or empty is not read', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 47), max: 2 ** 47 - 1 }), (value) => {
      const octets = encodedInteger(value)
      const whole = element(octets, 0, octets.length)
      assert.ok(whole !== undefined)
      assert.equal(integer(octets, whole), value)
    }),
  )
  for (const contents of [0, 7]) {
    assert.equal(integer(new Uint8Array(9), { tag: tags.integer, start: 0, from: 2, to: 2 + contents }), undefined)
  }
  for (const value of [0.5, 2 ** 47, Number.NaN]) assert.throws(() => encodedInteger(value), RangeError)
})

/** Octets that are made of elements, so that more than the first is read. */
const anyDer = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .array(fc.tuple(fc.constantFrom(0x02, 0x06, 0x17, 0x18, 0x30, 0xa0), fc.uint8Array({ maxLength: 40 })))
    .map((parts) => encoded(tags.sequence, ...parts.map(([tag, contents]) => encoded(tag, contents)))),
)

test('elements of any octets lie one behind the other, inside of what was given', () => {
  fc.assert(
    fc.property(anyDer, fc.nat(320), fc.nat(320), (octets, from, to) => {
      let before = from
      for (const one of elements(octets, from, Math.min(to, octets.length))) {
        assert.equal(one.start, before)
        assert.ok(one.from >= one.start + 2 && one.to >= one.from && one.to <= Math.min(to, octets.length))
        before = one.to
      }
    }),
  )
})

test('any contents are an identifier of digits and dots, and a date or none', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 80 }),
      fc.constantFrom(tags.utcTime, tags.generalizedTime),
      (octets, tag) => {
        const whole = { tag, start: 0, from: 0, to: octets.length }
        assert.match(objectIdentifier(octets, whole), /^(?:\d[\d.e+]*|Infinity[\d.]*)?$/)
        const ms = time(octets, whole)
        assert.ok(ms === undefined || Number.isInteger(ms))
      },
    ),
  )
})
