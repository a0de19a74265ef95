import type { Blame, RuleAt } from './anomalies/blame.ts'
import { blameOf } from './anomalies/blame.ts'
import type { CoverBudget } from './anomalies/cover.ts'
import { isSureRule, unfoldStage } from './anomalies/occurrences.ts'
import type { PlacedEnd } from './anomalies/stageEnds.ts'
import { stageEnds } from './anomalies/stageEnds.ts'
import type { CompiledRuleSet } from './compiledRuleSet.ts'

export type { Blame, RuleAt }

/**
 * A rule that is not what it looks like (E. Al-Shaer, H. Hamed, 2004, with covers by several rules and by rules of
 * other chains). Each is proven: of a rule with something unknown nothing is said, and it covers nothing.
 */
export type Anomaly =
  /** Earlier rules take all its packets, and at least one does something else to them. */
  | { readonly kind: 'shadowed'; readonly rule: RuleAt; readonly by: Blame; readonly contradictedBy: RuleAt }
  /** Earlier rules take all its packets and do the same; or a later rule would, with nothing else in between. */
  | { readonly kind: 'redundant'; readonly rule: RuleAt; readonly by: Blame; readonly isLater: boolean }
  /** Earlier rules are exceptions to it: each has part of its packets and does the opposite. */
  | { readonly kind: 'generalised'; readonly rule: RuleAt; readonly exceptions: Blame }
  /** It matches no packet at all, or none that comes to its chain. */
  | { readonly kind: 'irrelevant'; readonly rule: RuleAt; readonly isByJump: boolean }

export interface Anomalies {
  readonly found: readonly Anomaly[]
  /** Rules of which the search could not say within its bounds whether others cover them, or of which it does not know all places. */
  readonly undecided: readonly RuleAt[]
}

/** Places of rules in one stage at most beyond their number: chains that are jumped to from many places multiply. */
const mostCopies = 8000
/** Comparisons of two rules for one rule set: some seconds, and more than 100,000 rules take. */
const mostPairs = 2e10
/** Comparisons of boxes for one rule set: some seconds. */
const mostBoxTests = 50_000_000
const mostDiagrams = 10

/**
 * Finds the anomalies of all chains of a rule set, each rule in all places where the stages come to it. Time grows with
 * the square of the rules of a stage, at some nanoseconds a pair: 10,000 rules take below a second.
 */
export function anomaliesOf(compiled: CompiledRuleSet): Anomalies {
  const budget: CoverBudget = { pairs: mostPairs, boxTests: mostBoxTests, diagrams: mostDiagrams }
  const cut = new Set<string>()
  const ends = new Map<string, PlacedEnd[]>()
  const { stages, chains } = compiled.ruleSet
  const rules = Object.values(chains).reduce((sum, chain) => sum + chain.length, 0)
  for (const stage of stages) {
    const unfolded = unfoldStage(compiled, stage, rules + mostCopies)
    for (const chain of unfolded.cut) cut.add(chain)
    for (const end of stageEnds(stage, unfolded.occurrences, compiled, budget)) {
      const key = `${end.at.index} ${end.at.chain}`
      const before = ends.get(key)
      if (before === undefined) ends.set(key, [end])
      else before.push(end)
    }
  }
  const found = new Map<string, Anomaly | 'well' | 'undecided'>()
  const undecided: RuleAt[] = []
  for (const places of ends.values()) {
    const rule = places[0]?.at
    if (rule === undefined || rule.rule.implied === true) continue
    // What stands in a chain to which no packet comes is told with the jump.
    if (places.every(({ isBehindDead }) => isBehindDead)) continue
    const key = statementOf(rule)
    const before = found.get(key)
    if (!isSureRule(rule.rule)) found.set(key, 'well')
    else if (cut.has(rule.chain) || places.some(({ end }) => end.kind === 'undecided')) {
      undecided.push(rule)
      found.set(key, before === 'well' ? before : 'undecided')
    } else found.set(key, both(before, anomalyOf(rule, places) ?? 'well'))
  }
  return { found: [...found.values()].filter((one) => typeof one !== 'string'), undecided }
}

/** A reader may make several rules of one statement: only what is wrong with all of them is wrong with it. */
function statementOf({ rule: { name, span } }: RuleAt): string {
  const { file, line, path, text } = span
  return path === undefined && text === '' ? `${line} ${name} ${file}` : `${line} ${path ?? ''} ${text} ${file}`
}

/** The gravest first, where all rules of a statement never match or are superfluous. */
const gravity = ['shadowed', 'redundant', 'irrelevant'] as const

function both(
  some: Anomaly | 'well' | 'undecided' | undefined,
  other: Anomaly | 'well',
): Anomaly | 'well' | 'undecided' {
  if (some === undefined) return other
  if (typeof some === 'string') return some
  if (some.kind === 'generalised') return some
  if (other === 'well') return other
  if (other.kind === 'generalised') return other
  const isLater = (one: Anomaly): boolean => one.kind === 'redundant' && one.isLater
  // One that does match and could go says least about the statement: that all of it could.
  if (isLater(some) || isLater(other)) return isLater(some) ? some : other
  return gravity.indexOf(some.kind) <= gravity.indexOf(other.kind) ? some : other
}

/** Of all places of a rule together: what is alive in one is alive. */
function anomalyOf(rule: RuleAt, places: readonly PlacedEnd[]): Anomaly | undefined {
  const alive = places.flatMap(({ end }) => (end.kind === 'alive' ? [end] : []))
  const [first] = alive
  if (first === undefined) {
    const dead = places.flatMap(({ end }) => (end.kind === 'dead' ? [end] : []))
    if (dead.length === 0) return { kind: 'irrelevant', rule, isByJump: places.some(({ isJumpedTo }) => isJumpedTo) }
    const contradictedBy = dead.find((end) => end.contradictedBy !== undefined)?.contradictedBy
    const all = [...new Set(dead.flatMap(({ by }) => by))]
    if (contradictedBy === undefined) return { kind: 'redundant', rule, by: blameOf(all), isLater: false }
    return { kind: 'shadowed', rule, by: blameOf(all, contradictedBy), contradictedBy }
  }
  const later = alive.flatMap((end) => end.later ?? [])
  if (later.length === alive.length) return { kind: 'redundant', rule, by: blameOf([...new Set(later)]), isLater: true }
  if (alive.length > 1 || first.exceptions === undefined) return undefined
  return { kind: 'generalised', rule, exceptions: first.exceptions }
}
