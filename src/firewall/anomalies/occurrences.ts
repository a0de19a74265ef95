import type { CompiledRuleSet } from '../compiledRuleSet.ts'
import type { Action, Rule, Stage } from '../ruleset.ts'
import type { RuleTable } from '../ruleTable.ts'
import type { Condition } from './conditions.ts'
import { conditionOf, isUnconditional } from './conditions.ts'

/** A jump that leads to a chain, with the jumps that lead to its own. */
export interface Via {
  readonly table: RuleTable
  readonly index: number
  readonly before: Via | undefined
}

/** A rule at one of the places of a stage at which packets meet it: its chain may be jumped to from several. */
export interface Occurrence {
  readonly chain: string
  readonly index: number
  readonly rule: Rule
  readonly table: RuleTable
  readonly via: Via | undefined
  /** Of a jump that is followed: what the rules of its chain have as `via`. */
  readonly leads?: Via
  /**
   * What becomes of a packet that it matches: nothing more in this stage; nothing more in this chain; the next rule; or
   * nobody knows.
   */
  readonly effect: 'ends' | 'returns' | 'continues' | 'unknown'
  /** What it does, so that two rules that do the same have the same text. */
  readonly does: string
  /** Nothing about whether it matches, or about the jumps to it, is left open. */
  readonly isSure: boolean
  /** What it and the jumps to it ask beside what boxes say. */
  readonly conditions: readonly Condition[]
  /** Number of the first occurrence at which packets that it matches come by again. */
  until: number
  /** Stands for the end of what a goto sends away, and is no rule of its own. */
  readonly isGotoEnd: boolean
}

/** The rules of a stage in the order in which a packet meets them, chains that are jumped to in their place. */
export interface Unfolded {
  readonly occurrences: readonly Occurrence[]
  /** Chains of which not every place is among them: the bound was reached. */
  readonly cut: ReadonlySet<string>
}

const deepest = 64

/** @param most occurrences at most: chains that are jumped to from many places multiply */
export function unfoldStage(compiled: CompiledRuleSet, stage: Stage, most: number): Unfolded {
  const occurrences: Occurrence[] = []
  const cut = new Set<string>()
  const stack: string[] = []
  /** Returns of each scope that is open, innermost last: what they let go is not ended by what stands behind them. */
  const returns: Occurrence[][] = []
  const limited: Occurrence[][] = []

  const push = (made: Omit<Occurrence, 'until'>): void => {
    const occurrence = { ...made, until: Number.POSITIVE_INFINITY }
    const scope = returns.length - 1
    if (scope > 0) {
      if (occurrence.effect === 'returns' || occurrence.effect === 'unknown') returns[scope]?.push(occurrence)
      else if (occurrence.effect === 'ends') {
        // What returned from a chain does not come by a rule behind the return, and is there again after the chain.
        const leaky = returns.findLastIndex((before, at) => at > 0 && before.length > 0)
        limited[leaky]?.push(occurrence)
      }
    }
    occurrences.push(occurrence)
  }

  const walk = (chain: string, via: Via | undefined, before: readonly Condition[], isSureSoFar: boolean): void => {
    const table = compiled.table(chain)
    if (table === undefined) return
    stack.push(chain)
    returns.push([])
    limited.push([])
    for (const [index, rule] of table.rules.entries()) {
      if (occurrences.length >= most) {
        // What would have come is unknown, so that of no chain that is jumped to all places are seen.
        for (const name of Object.keys(compiled.ruleSet.chains)) if (name !== stage.chain) cut.add(name)
        break
      }
      const conditions = isUnconditional(rule.match) ? before : [...before, conditionOf(rule.match)]
      const isSure = isSureSoFar && isSureRule(rule)
      const { action } = rule
      const one = { chain, index, rule, table, via, isSure, conditions, isGotoEnd: false }
      const effect = effectOf(action, stage)
      const does = action.kind === 'return' && stack.length === 1 ? stage.otherwise.action : doneBy(rule)
      if (action.kind !== 'jump' && action.kind !== 'goto') {
        push({ ...one, effect: action.kind === 'return' && stack.length === 1 ? 'ends' : effect, does })
        continue
      }
      const isFollowed =
        compiled.table(action.chain) !== undefined && !stack.includes(action.chain) && stack.length < deepest
      if (!isFollowed) cut.add(action.chain)
      const leads: Via = { table, index, before: via }
      push({ ...one, effect: isFollowed ? 'continues' : 'unknown', does, ...(isFollowed && { leads }) })
      if (isFollowed) walk(action.chain, leads, conditions, isSure)
      if (action.kind === 'goto') push({ ...one, effect: 'returns', does: 'return', isGotoEnd: true })
    }
    const end = occurrences.length
    for (const occurrence of [...(returns.pop() ?? []), ...(limited.pop() ?? [])]) {
      occurrence.until = Math.min(occurrence.until, returns.length === 0 ? occurrence.until : end)
    }
    stack.pop()
  }
  walk(stage.chain, undefined, [], true)
  return { occurrences, cut }
}

/** Whether it is settled which packets a rule matches. */
export function isSureRule({ unknowns, match }: Rule): boolean {
  return (
    unknowns.length === 0 &&
    (match.source === undefined || match.source.possible.length === 0) &&
    (match.destination === undefined || match.destination.possible.length === 0)
  )
}

function effectOf(action: Action, stage: Stage): Occurrence['effect'] {
  switch (action.kind) {
    case 'allow':
    case 'drop':
    case 'reject':
    case 'translate':
    case 'no-translation':
      return 'ends'
    case 'inspect':
    case 'no-inspection':
      return stage.kind === 'inspection' ? 'ends' : 'continues'
    case 'return':
      return 'returns'
    case 'jump':
    case 'goto':
    case 'continue':
      return 'continues'
    case 'unknown':
      return 'unknown'
    default:
      return action satisfies never
  }
}

function doneBy({ action, inspectsTls, leadsOut }: Rule): string {
  if (action.kind !== 'translate') {
    const leads = leadsOut === undefined ? '' : `, leads to ${leadsOut.join('\n')}`
    return `${action.kind}${inspectsTls === true ? ', inspects' : ''}${leads}`
  }
  return JSON.stringify(action, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}
