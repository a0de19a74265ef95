import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OctetReader, OctetWriter } from './octets.ts'
import type { Piece } from './piece.ts'
import { decodePiece, encodePiece, sorted } from './piece.ts'
import { decodeSum, encodeSum, newSum, sumUp } from './sum.ts'

const anyValue = fc.oneof(
  fc.integer({ min: -100, max: 100_000 }),
  fc.integer({ max: 100_000 }).map((tenths) => tenths / 10),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 0, 2 ** 53, 1e300, 5e-324),
)
const anyNumber = fc.integer({ min: 0, max: 9 })
const maybeMs = fc.option(anyValue)
const anyPiece: fc.Arbitrary<Piece> = fc
  .record({
    looks: fc.array(
      fc.record(
        {
          at: fc.integer({ min: 0, max: 50 }),
          face: fc.record({
            ...{ verdict: anyNumber, confidence: anyNumber, cause: anyNumber, address: anyNumber },
            ...{ certificate: fc.maxSafeNat(), isWell: fc.boolean() },
          }),
          timing: fc.record({ dnsMs: maybeMs, connectMs: maybeMs, tlsMs: maybeMs, firstByteMs: maybeMs }),
        },
        { noNullPrototype: true },
      ),
    ),
    columns: fc.array(
      fc.tuple(fc.integer({ min: 1, max: 5 }), fc.array(fc.tuple(fc.nat(50), anyValue), { minLength: 1 })),
    ),
  })
  .map(({ looks, columns }) => {
    const plain = looks.map(({ at, face, timing }) => ({ at, face: { ...face }, timing: { ...timing } }))
    const made = columns.map(
      ([measure, rows]) => [measure, { ats: rows.map(([at]) => at), values: rows.map(([, value]) => value) }] as const,
    )
    return sorted({ looks: plain, columns: new Map(made) })
  })

test('a piece that was encoded comes back as it was, whole or as far as it is wanted', () => {
  fc.assert(
    fc.property(anyPiece, (piece) => {
      const octets = encodePiece(piece)
      assert.deepEqual(decodePiece(octets, 'all'), piece)
      assert.deepEqual(decodePiece(octets, 'looks').looks, piece.looks)
      for (const [measure, column] of piece.columns) {
        assert.deepEqual(decodePiece(octets, { measure }).columns.get(measure), column)
      }
    }),
  )
})

test('a phase that is a measure as well is kept once', () => {
  const ats = Array.from({ length: 60 }, (_, at) => at * 60_000)
  const values = ats.map((at) => (at % 7919) / 10)
  const face = { verdict: 1, confidence: 2, cause: 0, address: 3, certificate: 4, isWell: true }
  const none = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null }
  const looks = ats.map((at, index) => ({ at, face, timing: { ...none, tlsMs: values[index] ?? null } }))
  const columns = new Map([[5, { ats, values }]])
  const both = encodePiece({ looks, columns }).length
  assert.ok(both < encodePiece({ looks, columns: new Map() }).length + 20, `${both} octets`)
})

test('octets that are no piece, or no sum, are refused as such, whatever they are', () => {
  const isRefused = (error: unknown): boolean => error instanceof RangeError
  const sum = newSum()
  sumUp(sum, { looks: [], columns: new Map([[1, { ats: [1, 2], values: [3, 4] }]]) })
  const whole = fc.oneof(anyPiece.map(encodePiece), fc.constant(encodeSum(sum)), fc.uint8Array({ maxLength: 60 }))
  const changed = fc.tuple(whole, fc.nat(), fc.nat(255), fc.nat()).map(([octets, at, octet, length]) => {
    const other = octets.slice(0, 1 + (length % (octets.length + 1)))
    other[at % (other.length || 1)] = octet
    return other
  })
  fc.assert(
    fc.property(changed, (octets) => {
      for (const read of [() => decodePiece(octets, 'all'), () => decodeSum(octets)]) {
        try {
          read()
        } catch (error) {
          assert.ok(isRefused(error), String(error))
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('numbers are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(anyValue), fc.array(fc.maxSafeNat()), (values, whole) => {
      const writer = new OctetWriter()
      for (const value of whole) writer.varint(value)
      writer.numbers(values)
      const reader = new OctetReader(writer.take())
      assert.deepEqual(
        whole.map(() => reader.varint()),
        whole,
      )
      assert.deepEqual(reader.numbers(values.length), values)
      assert.ok(reader.isAtEnd)
    }),
  )
})
