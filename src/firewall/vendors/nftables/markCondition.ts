import type { MarkWrite } from '../netfilter/marks.ts'
import type { Way } from '../netfilter/way.ts'
import { depends } from '../netfilter/way.ts'
import { bitTestOf } from './flags.ts'
import type { Members } from './members.ts'
import type { Scope } from './scope.ts'
import type { Comparison, Expression } from './syntax.ts'
import { plainNumber } from './values.ts'

/** `meta mark 5`, `meta mark & 0xff == 5`, `meta mark { 1, 2 }`. */
export function markCondition(
  op: Comparison,
  mask: number | undefined,
  members: Members,
  scope: Scope,
): readonly Way[] {
  const test = bitTestOf(op === 'in' ? '==' : op, mask, members, {})
  if (test === undefined || members.unknowns.length > 0 || (test.isNot && test.values.length !== 1)) {
    return depends({ kind: 'packet', what: 'the mark of the packet' })
  }
  return test.values.flatMap((value) => scope.marks.test({ mask: test.mask, value }, test.isNot, scope.hooks))
}

/** What `meta mark set …` does; undefined where its value is not written there. */
export function markWriteOf(value: Expression): MarkWrite | undefined {
  if (value.kind === 'word') {
    const number = plainNumber(value.text)
    return number === undefined ? undefined : { keep: 0, xor: number }
  }
  if (value.kind !== 'bits') return undefined
  const left =
    value.left.kind === 'field' && value.left.name === 'meta mark' ? { keep: -1, xor: 0 } : markWriteOf(value.left)
  const bits = value.right.kind === 'word' ? plainNumber(value.right.text) : undefined
  if (left === undefined || bits === undefined) return undefined
  switch (value.op) {
    case '&':
      return { keep: left.keep & bits, xor: left.xor & bits }
    case '|':
      return { keep: left.keep & ~bits, xor: (left.xor & ~bits) | bits }
    case '^':
      return { keep: left.keep, xor: left.xor ^ bits }
    default:
      return undefined
  }
}
