import type { Way } from './way.ts'
import { depends } from './way.ts'

/** What a rule does to the mark of a packet: `mark = (mark & keep) ^ xor`; absent where the value is not written in the rule. */
export interface MarkWrite {
  readonly keep: number
  readonly xor: number
}

/** A write, and the hooks from which packets come to it. */
export interface PlacedWrite {
  /** Undefined: one of which the value is not known. */
  readonly write: MarkWrite | undefined
  readonly hooks: ReadonlySet<string>
}

/** A comparison with the mark: `mark & mask == value`. */
export interface MarkTest {
  readonly mask: number
  readonly value: number
}

/** The marks of one device, told as tags. */
export interface Marks {
  /** Ways in which a comparison holds. */
  test(test: MarkTest, isNot: boolean, hooks: ReadonlySet<string>): readonly Way[]
  /** Tags that a write sets. */
  tags(write: MarkWrite): readonly string[]
}

/**
 * Packets come with the mark 0, so that a comparison is true or false at first, and a write that changes this is a tag.
 * Where every write leaves a comparison alone or turns it the same way, the tag is exact; otherwise the comparison is
 * unknown. What is compared has to be asked once before a write is, since a write is told by the comparisons that it turns.
 *
 * A write in a later hook than a comparison is none to it.
 */
export function marksOf(writes: readonly PlacedWrite[]): Marks {
  const tests = new Map<string, MarkTest>()
  const kindOf = (test: MarkTest, hooks: ReadonlySet<string>): 'tag' | 'constant' | 'unknown' => {
    const last = Math.max(...[...hooks].map(timeOf))
    const effects = new Set(
      writes
        .filter((write) => [...write.hooks].some((hook) => timeOf(hook) <= last))
        .map(({ write }) => (write === undefined ? 'unknown' : effectOf(write, test))),
    )
    effects.delete('none')
    if (effects.size > 1 || effects.has('unknown')) return 'unknown'
    if (!effects.has('turns')) return 'constant'
    tests.set(nameOf(test), test)
    return 'tag'
  }
  return {
    test(test, isNot, hooks) {
      if ((test.value & ~test.mask) !== 0) return isNot ? [{ match: {}, unknowns: [] }] : []
      // In the chains of `output` a program may have marked its own packets.
      const kind = hooks.has('output') ? 'unknown' : kindOf(test, hooks)
      if (kind === 'unknown') return depends({ kind: 'packet', what: 'the mark of the packet' })
      const atFirst = (test.value === 0) !== isNot
      if (kind === 'constant') return atFirst ? [{ match: {}, unknowns: [] }] : []
      const tag = nameOf(test)
      return [{ match: { tagged: atFirst ? { tag, not: true } : { tag } }, unknowns: [] }]
    },
    tags: (write) => [...tests].flatMap(([name, test]) => (effectOf(write, test) === 'turns' ? [name] : [])),
  }
}

/** When a packet comes to a hook, among those that it comes to. */
function timeOf(hook: string): number {
  return hook === 'prerouting' || hook === 'ingress' ? 0 : hook === 'postrouting' || hook === 'egress' ? 2 : 1
}

function nameOf({ mask, value }: MarkTest): string {
  return `mark & 0x${(mask >>> 0).toString(16)} ${value === 0 ? '!=' : '=='} 0x${(value >>> 0).toString(16)}`
}

/** What a write makes of a comparison, as it was with the mark 0. */
function effectOf({ keep, xor }: MarkWrite, { mask, value }: MarkTest): 'none' | 'turns' | 'resets' | 'unknown' {
  const kept = keep & mask
  if ((xor & kept) !== 0) return 'unknown'
  const settled = mask & ~keep
  if (settled === 0) return 'none'
  const isMismatch = ((xor ^ value) & settled) !== 0
  if (!isMismatch && kept !== 0) return 'unknown'
  return isMismatch === (value === 0) ? 'turns' : 'resets'
}
