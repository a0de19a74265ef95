import type { ConnectionState, Match } from '../../ruleset.ts'
import { lookUp } from '../lookUp.ts'
import type { Members } from './members.ts'
import type { Comparison, Expression } from './syntax.ts'
import { plainNumber } from './values.ts'

/** Bits of the states of a connection as netfilter keeps them. */
export const stateBits: Readonly<Record<ConnectionState, number>> = {
  invalid: 1,
  established: 2,
  related: 4,
  new: 8,
  untracked: 64,
}
const states: readonly ConnectionState[] = ['new', 'established', 'related', 'invalid', 'untracked']

export const statusBits: Readonly<Record<string, number>> = {
  expected: 1,
  'seen-reply': 2,
  assured: 4,
  confirmed: 8,
  snat: 16,
  dnat: 32,
  dying: 512,
}

export const tcpFlagBits: Readonly<Record<string, number>> = {
  fin: 1,
  syn: 2,
  rst: 4,
  psh: 8,
  ack: 16,
  urg: 32,
  ecn: 64,
  ece: 64,
  cwr: 128,
}

/** The number that a value of flags is: `syn`, `syn|ack`, `syn,ack`, `(syn|ack)`, `0x12`. */
export function bitsOf(expression: Expression, names: Readonly<Record<string, number>>): number | undefined {
  switch (expression.kind) {
    case 'word':
      return plainNumber(expression.text) ?? lookUp(names, expression.text)
    case 'bits': {
      const [left, right] = [bitsOf(expression.left, names), bitsOf(expression.right, names)]
      if (left === undefined || right === undefined) return undefined
      return expression.op === '|' ? left | right : expression.op === '&' ? left & right : undefined
    }
    case 'list': {
      const all = expression.items.map((item) => bitsOf(item, names))
      return all.reduce<number | undefined>(
        (sum, one) => (sum === undefined || one === undefined ? undefined : sum | one),
        0,
      )
    }
    default:
      return undefined
  }
}

/** A comparison of bits: those of `mask` must be (or must not be) one of `values`. */
export interface BitTest {
  readonly mask: number
  readonly values: readonly number[]
  readonly isNot: boolean
  /** Any of the bits of `mask` must be set, instead. */
  readonly isAny: boolean
}

/**
 * What a comparison asks of a field of flags. Without a sign it is a test of bits, `==` and elements of a set are exact:
 * `tcp flags syn` holds of SYN and ACK, `tcp flags { syn }` and `tcp flags == syn` do not.
 */
export function bitTestOf(
  op: Comparison,
  mask: number | undefined,
  members: Members,
  names: Readonly<Record<string, number>>,
): BitTest | undefined {
  const values = members.elements.map(({ key }) => bitsOf(key, names))
  if (!values.every((value) => value !== undefined)) return undefined
  const [value = 0] = values
  switch (op) {
    case 'in':
      if (mask === undefined && !members.isSet) return { mask: value, values: [], isNot: false, isAny: true }
      return { mask: mask ?? -1, values, isNot: false, isAny: false }
    case '!':
      return { mask: value, values: [0], isNot: false, isAny: false }
    case '==':
    case '!=':
      return { mask: mask ?? -1, values, isNot: op === '!=', isAny: false }
    default:
      return undefined
  }
}

function holds({ mask, values, isNot, isAny }: BitTest, bits: number): boolean {
  if (isAny) return (bits & mask) !== 0
  return values.includes(bits & mask) !== isNot
}

/** States of which a comparison holds; a packet has one at a time. */
export function statesOf(
  op: Comparison,
  mask: number | undefined,
  members: Members,
): readonly ConnectionState[] | undefined {
  const test = bitTestOf(op, mask, members, stateBits)
  return test === undefined ? undefined : states.filter((state) => holds(test, stateBits[state]))
}

/** TCP flags of which a comparison holds, as masks and values. */
export function tcpFlagsOf(test: BitTest): NonNullable<Match['tcpFlags']> {
  const mask = test.mask & 0xff
  if (test.isAny) return singleBits(mask).map((bit) => ({ mask: bit, value: bit }))
  const possible = test.values.filter((value) => (value & ~test.mask) === 0 && value <= 0xff)
  if (!test.isNot) return possible.map((value) => ({ mask, value }))
  if (possible.length > 2) {
    const all = Array.from({ length: 256 }, (_, bits) => bits)
    return all.filter((bits) => holds(test, bits)).map((bits) => ({ mask: 0xff, value: bits }))
  }
  // None of the values: for each of them some bit differs.
  return possible.reduce<NonNullable<Match['tcpFlags']>>(
    (ways, value) =>
      ways.flatMap((way) =>
        singleBits(mask).flatMap((bit) => {
          const differs = { mask: way.mask | bit, value: way.value | (~value & bit) }
          return (way.mask & bit) === 0 || (way.value & bit) === (~value & bit) ? [differs] : []
        }),
      ),
    [{ mask: 0, value: 0 }],
  )
}

function singleBits(mask: number): readonly number[] {
  return [1, 2, 4, 8, 16, 32, 64, 128].filter((bit) => (mask & bit) !== 0)
}
