import type { Action, Rule } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { AclTable } from './aclTable.ts'
import type { ChainStore, Condition } from './condition.ts'
import { rulesOf, testOf } from './condition.ts'

/** A line of `ssl_bump`, with what its acls ask besides the step. */
export interface BumpLine {
  readonly action: string
  readonly name: string
  readonly span: Span
  readonly words: readonly string[]
  readonly condition: Condition
}

export const bumpActions = ['splice', 'bump', 'peek', 'stare', 'terminate', 'none', 'client-first', 'server-first']

/** What a line ends in: that of an inspection, or that of a filter, in which only `terminate` forbids. */
interface Ends {
  readonly opens: Action
  readonly leaves: Action
  readonly cuts: Action
}

export const inspects: Ends = {
  opens: { kind: 'inspect' },
  leaves: { kind: 'no-inspection' },
  cuts: { kind: 'no-inspection' },
}

export const forbids: Ends = { opens: { kind: 'allow' }, leaves: { kind: 'allow' }, cuts: { kind: 'drop' } }

/** Of TLS 1.3 squid splices what it peeked at twice without a third step, since it cannot read the server's certificate. */
const seesServer = testOf({}, { kind: 'packet', what: 'whether client and server speak TLS 1.2 or older' })

/**
 * The chain of the first of squid's three steps (`ssl_bump`): the first line that fits at a step decides; `peek` and
 * `stare` go on to the next step, in which what was begun can be ended in one way only: a connection that was peeked at
 * twice is spliced, one that was stared at is bumped.
 */
export function bumpChain(lines: readonly BumpLine[], acls: AclTable, chains: ChainStore, ends: Ends): string {
  const lineAction = ({ action }: BumpLine, step: number, way: 'peek' | 'stare'): Action | undefined => {
    switch (action) {
      case 'terminate':
        return ends.cuts
      case 'splice':
      case 'none':
        return step === 3 && way === 'stare' ? undefined : ends.leaves
      case 'bump':
      case 'client-first':
      case 'server-first':
        return step === 3 && way === 'peek' ? undefined : ends.opens
      default:
        return step === 3
          ? undefined
          : { kind: 'jump', chain: chainOf(step + 1, action === 'stare' ? 'stare' : 'peek') }
    }
  }
  const made = new Map<string, string>()
  const chainOf = (step: number, way: 'peek' | 'stare'): string => {
    const key = `${step} ${way}`
    const before = made.get(key)
    if (before !== undefined) return before
    const rules = lines
      .filter(({ words }) => words.every((word) => isAt(acls, word, step)))
      .flatMap((line): readonly Rule[] => {
        const action = lineAction(line, step, way)
        if (action === undefined) return []
        const isOpen = line.action === 'terminate' && step === 3 && way === 'peek'
        const condition: Condition = isOpen ? { kind: 'and', of: [line.condition, seesServer] } : line.condition
        return rulesOf(condition, action, { name: line.name, span: line.span }, chains)
      })
    const first = lines[0]
    // Where no line fits, a connection that was stared at in the second step is bumped, and every other one spliced.
    const action = step === 3 && way === 'stare' ? ends.opens : ends.leaves
    const rest: readonly Rule[] =
      first === undefined
        ? []
        : [{ name: 'no line of ssl_bump fits', span: first.span, match: {}, action, unknowns: [], implied: true }]
    const name = chains.add([...rules, ...rest])
    made.set(key, name)
    return name
  }
  return chainOf(1, 'peek')
}

/** Whether an acl holds at a step; one that asks for no step does not forbid it. */
function isAt(acls: AclTable, word: string, step: number): boolean {
  const steps = acls.stepsOf(word)
  return steps === undefined || steps.includes(step) !== word.startsWith('!')
}
