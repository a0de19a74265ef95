import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { BddSet } from './bdd.ts'
import { Bdd, everything, nothing, tooLarge } from './bdd.ts'

const bits = 8
const numbers = Array.from({ length: 1 << bits }, (_, at) => at)
const bitOf =
  (number: number) =>
  (variable: number): 0 | 1 =>
    ((number >> (bits - 1 - variable)) & 1) === 1 ? 1 : 0

/** A formula, as what it says of a number and as a set of a diagram. */
type Formula =
  | { readonly of: 'range'; readonly first: number; readonly last: number }
  | { readonly of: 'and' | 'or' | 'without'; readonly a: Formula; readonly b: Formula }
  | { readonly of: 'not'; readonly a: Formula }

const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 5 },
    fc.record({ of: fc.constant('range' as const), first: fc.nat(255), last: fc.nat(255) }),
    fc.record({ of: fc.constantFrom('and', 'or', 'without'), a: tie('formula'), b: tie('formula') }),
    fc.record({ of: fc.constant('not' as const), a: tie('formula') }),
  ),
}))

function holds(said: Formula, number: number): boolean {
  switch (said.of) {
    case 'range':
      return said.first <= number && number <= said.last
    case 'and':
      return holds(said.a, number) && holds(said.b, number)
    case 'or':
      return holds(said.a, number) || holds(said.b, number)
    case 'without':
      return holds(said.a, number) && !holds(said.b, number)
    case 'not':
      return !holds(said.a, number)
    default:
      return said satisfies never
  }
}

function setOf(bdd: Bdd, said: Formula): BddSet {
  switch (said.of) {
    case 'range':
      return bdd.range(0, bits, said.first, said.last)
    case 'not':
      return bdd.not(setOf(bdd, said.a))
    case 'and':
    case 'or':
    case 'without':
      return bdd[said.of](setOf(bdd, said.a), setOf(bdd, said.b))
    default:
      return said satisfies never
  }
}

test('a set has the numbers that its formula has, and counts them', () => {
  fc.assert(
    fc.property(formula, (said) => {
      const bdd = new Bdd(bits)
      const set = setOf(bdd, said)
      const inside = numbers.filter((number) => holds(said, number))
      assert.deepEqual(
        numbers.filter((number) => bdd.has(set, bitOf(number))),
        inside,
      )
      assert.equal(bdd.satCount(set), BigInt(inside.length))
    }),
  )
})

test('two formulas of the same numbers are one set', () => {
  fc.assert(
    fc.property(formula, formula, (a, b) => {
      const bdd = new Bdd(bits)
      const same = numbers.every((number) => holds(a, number) === holds(b, number))
      assert.equal(setOf(bdd, a) === setOf(bdd, b), same)
    }),
  )
})

test('a restricted set has the numbers that are in it with the bit set so, whatever their own bit', () => {
  fc.assert(
    fc.property(formula, fc.nat(bits - 1), fc.constantFrom(0 as const, 1 as const), (said, variable, value) => {
      const bdd = new Bdd(bits)
      const restricted = bdd.restrict(setOf(bdd, said), variable, value)
      const mask = 1 << (bits - 1 - variable)
      for (const number of numbers) {
        const asked = value === 1 ? number | mask : number & ~mask
        assert.equal(bdd.has(restricted, bitOf(number)), holds(said, asked))
      }
    }),
  )
})

test('a diagram that grows beyond its bound says so, and keeps what it had', () => {
  const bdd = new Bdd(64, 200)
  const small = bdd.range(0, 8, 3, 9)
  let all: BddSet = nothing
  for (let at = 0; at < 64; at += 1) all = bdd.or(all, bdd.range(0, 64, at * 1_000_003, at * 1_000_003 + at))
  assert.equal(all, tooLarge)
  assert.equal(bdd.not(all), tooLarge)
  assert.ok(bdd.nodes <= 200)
  assert.equal(bdd.satCount(small), 7n << 56n)
})

test('ranges of 128 bits are counted exactly', () => {
  const bdd = new Bdd(128)
  const set = bdd.range(0, 128, 1n, (1n << 128n) - 2n)
  assert.equal(bdd.satCount(set), (1n << 128n) - 2n)
  assert.equal(
    bdd.or(set, bdd.or(bdd.range(0, 128, 0n, 0n), bdd.not(bdd.range(0, 128, 0n, (1n << 128n) - 2n)))),
    everything,
  )
})
