import { askedEnds } from '../askedPieces.ts'
import type { Box } from '../boxes.ts'
import { intersectionOfBoxes, meetBoxes } from '../boxes.ts'
import type { CompiledRuleSet } from '../compiledRuleSet.ts'
import type { AskedFlow } from '../judged.ts'
import type { Stage } from '../ruleset.ts'
import type { RuleAt } from './blame.ts'
import { conditionsExclude } from './conditions.ts'
import { coversLine } from './deadLines.ts'
import type { Lines } from './lines.ts'
import { linesOf } from './lines.ts'
import type { Occurrence } from './occurrences.ts'
import { unfoldStage } from './occurrences.ts'

/**
 * Two rules that have some packets in common, each others besides, and do the opposite: which of them is first decides.
 */
export interface Correlation {
  readonly first: RuleAt
  readonly later: RuleAt
  /** Numbers of the flows of which packets are among those that both have. */
  readonly flows: readonly number[]
}

/** Rules that one flow meets at most, of those of which pairs are made. */
const mostMet = 100
const mostOccurrences = 150_000

/** The correlations that flows meet. Of all that there are nearly none matters: real lists have thousands. */
export function correlationsOf(compiled: CompiledRuleSet, flows: readonly AskedFlow[]): readonly Correlation[] {
  const found = new Map<string, { first: RuleAt; later: RuleAt; flows: Set<number> }>()
  for (const stage of compiled.ruleSet.stages) {
    if (stage.kind !== 'filter' || flows.length === 0) continue
    const { occurrences } = unfoldStage(compiled, stage, mostOccurrences)
    for (const family of [4, 6] as const) {
      const line = compiled.coordinates(family)
      const lines = linesOf(occurrences, family, line.every)
      for (const [number, flow] of flows.entries()) {
        const ends = askedEnds(flow, family)
        if (ends === undefined) continue
        const { protocol, from, to } = ends
        const [source, destination] = [line.intervals(ends.source), line.intervals(ends.destination)]
        const box: Box = [source, destination, [protocol, protocol + 1], from, to]
        for (const [a, b] of pairsIn(compiled, lines, occurrences, box)) {
          const key = `${a.chain} ${a.index} ${b.chain} ${b.index}`
          const pair = found.get(key) ?? { first: placed(stage, a), later: placed(stage, b), flows: new Set() }
          pair.flows.add(number)
          found.set(key, pair)
        }
      }
    }
  }
  return [...found.values()].map(({ first, later, flows: met }) => ({ first, later, flows: [...met] }))
}

function* pairsIn(
  { ruleSet: { places } }: CompiledRuleSet,
  lines: Lines,
  occurrences: readonly Occurrence[],
  box: Box,
): Generator<readonly [Occurrence, Occurrence]> {
  const met = linesIn(lines, occurrences, box)
  for (const [at, b] of met.entries()) {
    for (const a of met.slice(0, at)) {
      const [first, then] = [occurrences[lines.at[a] ?? 0], occurrences[lines.at[b] ?? 0]]
      if (first === undefined || then === undefined || isPass(first) === isPass(then)) continue
      if (first.until <= (lines.at[b] ?? 0) || conditionsExclude(first.conditions, then.conditions, places)) continue
      if (coversLine(lines, a, b) || coversLine(lines, b, a)) continue
      const parts = lines.boxes(a).flatMap((one): Box[] => {
        const inside = intersectionOfBoxes(one, box)
        return inside === undefined ? [] : [inside]
      })
      if (parts.some((part) => lines.boxes(b).some((other) => meetBoxes(part, other)))) yield [first, then]
    }
  }
}

/** Lines that surely allow or deny packets of a box. */
function linesIn(lines: Lines, occurrences: readonly Occurrence[], box: Box): readonly number[] {
  const met: number[] = []
  const bounds = box.map((set) => [set[0] ?? 0, set.at(-1) ?? 0] as const)
  for (let line = 0; line < lines.count && met.length < mostMet; line += 1) {
    if (lines.isExact[line] !== 1) continue
    const isOut = bounds.some(([lo, hi], field) => {
      const [first, last] = [lines.lo[field]?.[line] ?? 0, lines.hi[field]?.[line] ?? 0]
      return first >= hi || last <= lo
    })
    if (isOut || !lines.boxes(line).some((one) => meetBoxes(one, box))) continue
    const kind = occurrences[lines.at[line] ?? 0]?.rule.action.kind
    if (kind === 'allow' || kind === 'drop' || kind === 'reject') met.push(line)
  }
  return met
}

function isPass({ rule }: Occurrence): boolean {
  return rule.action.kind === 'allow'
}

function placed({ name }: Stage, { chain, index, rule }: Occurrence): RuleAt {
  return { stage: name, chain, index, rule }
}
