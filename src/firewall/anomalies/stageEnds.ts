import type { CompiledRuleSet } from '../compiledRuleSet.ts'
import type { Place, Stage } from '../ruleset.ts'
import type { Blame, RuleAt } from './blame.ts'
import { blameOf } from './blame.ts'
import type { CoverBudget } from './cover.ts'
import type { Before, PairContext } from './deadLines.ts'
import { beforeLine, coveringLines, coversLine, noOverlaps, rememberedImplication } from './deadLines.ts'
import { laterLine } from './laterLines.ts'
import { lineIndex } from './lineIndex.ts'
import type { Lines } from './lines.ts'
import { linesOf } from './lines.ts'
import type { Occurrence, Via } from './occurrences.ts'
import { isSureRule } from './occurrences.ts'

/** What becomes of a rule at one of its places. */
export type End =
  | { readonly kind: 'dead'; readonly by: readonly RuleAt[]; readonly contradictedBy: RuleAt | undefined }
  /** No packet that it matches comes there. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'undecided' }
  | { readonly kind: 'alive'; readonly later: RuleAt | undefined; readonly exceptions: Blame | undefined }

export interface PlacedEnd {
  readonly at: RuleAt
  readonly end: End
  /** The jump to its chain never matches. */
  readonly isBehindDead: boolean
  readonly isJumpedTo: boolean
}

/** Says of each rule of a stage, at each of its places, what becomes of it. */
export function stageEnds(
  stage: Stage,
  occurrences: readonly Occurrence[],
  compiled: CompiledRuleSet,
  budget: CoverBudget,
): readonly PlacedEnd[] {
  const implies = rememberedImplication()
  const rules = occurrences.map(({ chain, index, rule }): RuleAt => ({ stage: stage.name, chain, index, rule }))
  const { places } = compiled.ruleSet
  const families = ([4, 6] as const).map((family) => {
    const lines = linesOf(occurrences, family, compiled.coordinates(family).every)
    const index = lineIndex(lines)
    return familyEnds({ lines, index, occurrences, budget, implies, found: noOverlaps(lines.count) }, rules, places)
  })
  const dead = new Set<Via>()
  return occurrences.flatMap((occurrence, number): PlacedEnd[] => {
    const at = rules[number]
    if (at === undefined || occurrence.isGotoEnd) return []
    const end = together(families.flatMap((family) => family.get(number) ?? []))
    const isBehindDead = occurrence.via !== undefined && dead.has(occurrence.via)
    const isNeverMet = isBehindDead || end.kind === 'dead' || end.kind === 'absent'
    if (isNeverMet && occurrence.leads !== undefined) dead.add(occurrence.leads)
    return [{ at, end, isBehindDead, isJumpedTo: occurrence.via !== undefined }]
  })
}

/** Of both families: what is alive in one is alive. */
function together(ends: readonly End[]): End {
  if (ends.some(({ kind }) => kind === 'undecided')) return { kind: 'undecided' }
  const alive = ends.flatMap((end) => (end.kind === 'alive' ? [end] : []))
  const [first, second] = alive
  if (first !== undefined) {
    const later = alive.every((end) => end.later !== undefined) ? first.later : undefined
    const counted = (end: typeof second): number => (end?.exceptions?.rules.length ?? 0) + (end?.exceptions?.more ?? 0)
    return {
      kind: 'alive',
      later,
      exceptions: counted(second) > counted(first) ? second?.exceptions : first.exceptions,
    }
  }
  const dead = ends.flatMap((end) => (end.kind === 'dead' ? [end] : []))
  if (dead.length === 0) return { kind: 'absent' }
  return {
    kind: 'dead',
    by: [...new Set(dead.flatMap(({ by }) => by))],
    contradictedBy: dead.find(({ contradictedBy }) => contradictedBy !== undefined)?.contradictedBy,
  }
}

function familyEnds(
  context: PairContext,
  rules: readonly RuleAt[],
  places: readonly Place[],
): ReadonlyMap<number, End> {
  const { lines, occurrences } = context
  const covering = coveringLines(context)
  const befores: Before[] = []
  const dead = new Uint8Array(lines.count)
  for (let line = 0; line < lines.count; line += 1) {
    const occurrence = occurrences[lines.at[line] ?? 0]
    const isAsked = occurrence !== undefined && !occurrence.isGotoEnd && isSureRule(occurrence.rule)
    const before: Before = isAsked ? beforeLine(context, covering, line) : { kind: 'alive', exceptions: [] }
    befores.push(before)
    if (before.kind === 'dead') dead[line] = 1
  }
  const ends = new Map<number, End>()
  for (const [line, before] of befores.entries()) {
    const number = lines.at[line] ?? 0
    const occurrence = occurrences[number]
    if (occurrence === undefined || occurrence.isGotoEnd) continue
    if (before.kind === 'undecided') ends.set(number, before)
    else if (before.kind === 'dead') {
      const { by, contradictedBy } = before
      ends.set(number, {
        kind: 'dead',
        by: by.flatMap((one) => rules[one] ?? []),
        contradictedBy: contradictedBy === undefined ? undefined : rules[contradictedBy],
      })
    } else {
      const later = isRemovable(occurrence) ? laterLine(context, line, dead, places) : undefined
      const exceptions = exceptionsOf(context, line, before.exceptions, dead, rules)
      ends.set(number, { kind: 'alive', later: later === undefined ? undefined : rules[later], exceptions })
    }
  }
  return ends
}

/** Whether nothing but its verdict would go with a rule. */
function isRemovable({ rule }: Occurrence): boolean {
  return isSureRule(rule) && rule.sets === undefined && rule.inspectsTls !== true
}

/** Earlier rules that do the opposite to part of what a line has. A rule for all packets is made to have exceptions. */
function exceptionsOf(
  { lines, occurrences }: PairContext,
  line: number,
  inside: readonly number[],
  dead: Uint8Array,
  rules: readonly RuleAt[],
): Blame | undefined {
  const subject = occurrences[lines.at[line] ?? 0]
  const own = subject === undefined ? undefined : side(subject)
  if (own === undefined || inside.length === 0 || isForAll(lines, line)) return undefined
  const opposite = inside.filter((other) => {
    const occurrence = occurrences[lines.at[other] ?? 0]
    const theirs = occurrence === undefined ? undefined : side(occurrence)
    return theirs !== undefined && theirs !== own && dead[other] !== 1 && coversLine(lines, line, other)
  })
  if (opposite.length === 0) return undefined
  opposite.sort((a, b) => (lines.volume[b] ?? 0) - (lines.volume[a] ?? 0))
  return blameOf([...new Set(opposite.flatMap((other) => rules[lines.at[other] ?? 0] ?? []))])
}

function side({ rule }: Occurrence): 'passes' | 'ends' | undefined {
  const { kind } = rule.action
  if (kind === 'allow') return 'passes'
  return kind === 'drop' || kind === 'reject' ? 'ends' : undefined
}

/** Whether a line has every packet of the family, as the last rule of most lists has. */
function isForAll(lines: Lines, line: number): boolean {
  return lines.isSimple[line] === 1 && lines.volume[line] === lines.everyVolume
}
