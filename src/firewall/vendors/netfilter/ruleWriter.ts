import type { Action, Match, Rule } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'
import type { Way } from './way.ts'

/** Rules of one statement of a configuration, and the chains that it takes to say what one match cannot. */
export interface RuleWriter {
  /** Adds what a statement does in each of its ways. */
  write(ways: readonly Way[], action: Action, more?: { readonly sets?: string }): void
  readonly rules: readonly Rule[]
}

/** What every rule of a statement tells of it. */
export interface RuleHead {
  readonly name: string
  readonly span: Span
  readonly comment?: string
}

/**
 * Writes the rules of one statement. A way with exceptions becomes a jump to a chain that first lets what is excepted
 * return; `addChain` gives such a chain its name.
 */
export function ruleWriter(head: RuleHead, addChain: (rules: readonly Rule[]) => string): RuleWriter {
  const rules: Rule[] = []
  const rule = (match: Match, unknowns: readonly Unknown[], action: Action, sets?: string): Rule => ({
    ...head,
    match,
    action,
    unknowns,
    ...(sets !== undefined && { sets }),
  })
  return {
    rules,
    write(ways, action, { sets } = {}) {
      for (const { match, unknowns, except = [] } of ways) {
        if (except.length === 0) {
          rules.push(rule(match, unknowns, action, sets))
          continue
        }
        const isLeaving = action.kind === 'goto' || action.kind === 'return'
        // From a chain of its own neither can be said: what they leave is the chain of the statement.
        const inner: Action = isLeaving ? { kind: 'unknown' } : action
        const because: readonly Unknown[] = isLeaving
          ? [{ kind: 'other', what: 'a rule that leaves its chain for what is not in a set of several fields' }]
          : []
        const chain = addChain([
          ...except.map((out) => rule(out.match, out.unknowns, { kind: 'return' })),
          rule({}, because, inner, sets),
        ])
        rules.push(rule(match, unknowns, { kind: 'jump', chain }))
      }
    },
  }
}
