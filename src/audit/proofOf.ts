import type { AddressRange } from '../firewall/addresses.ts'
import { commonRanges, mergedRanges, rangesWithout } from '../firewall/addresses.ts'
import type { Beyond } from '../firewall/allowedBeyond.ts'
import { allowedBeyond } from '../firewall/allowedBeyond.ts'
import type { AskedFlow, Knowledge, Passage } from '../firewall/judged.ts'
import { judgePath } from '../firewall/judgePath.ts'
import type { Permit } from '../firewall/permit.ts'
import { portTexts, rangeTexts } from '../firewall/rangeText.ts'
import type { Reader, Reading } from '../firewall/reader.ts'
import type { WriteOptions, Written } from '../firewall/writer.ts'
import type { RuleBeyond, RuleNotProven, RulesProof } from '../model/rulesReport.ts'
import { judgeWay } from './judgeWay.ts'
import type { Permits } from './permitsOf.ts'

interface WrittenRules {
  readonly written: Written
  readonly asked: Pick<Permits, 'permits' | 'denials'>
  readonly options: Pick<WriteOptions, 'passage' | 'places'>
  readonly knowledge: Knowledge
  readonly read: Reader
}

/**
 * Reads rules back with the vendor's own reader and asks them for every permit and every denial, and what they allow
 * beyond: required ⊆ allowed, and the difference.
 */
export function proofOf({ written, asked: { permits, denials }, options, knowledge, read }: WrittenRules): RulesProof {
  const [first, ...others] = written.files
  const files = first === undefined ? [] : [first, ...others.filter(({ proven }) => proven === true)]
  const reading = read(
    files.map(({ name, text }) => ({ name, text })),
    { places: { ...options.places, ...written.places } },
  )
  const left = new Set(written.notSaid.flatMap(({ permit }) => permit ?? []))
  const said = permits.filter(({ id }) => !left.has(id)).map((permit) => carried(permit, written.families))
  const judged = (permit: Permit): RuleNotProven | undefined => notAllowed(permit, reading, options.passage, knowledge)
  const failing = said.flatMap((permit) => judged(permit) ?? [])
  const closed = denials.filter(({ id }) => !left.has(id)).map((permit) => ({ permit, failing: judged(permit) }))
  return {
    statements: reading.coverage.statements,
    understood: reading.coverage.understood,
    asked: said.length,
    allowed: said.length - failing.length,
    notSaid: permits.length - said.length,
    notAllowed: failing,
    denials: closed.length,
    notClosed: closed.flatMap(({ permit, failing: found }) => notClosed(permit, found)),
    beyond: beyondOf(reading, said, options.passage, knowledge, written.besides),
  }
}

/** A permit as a platform sees it that carries one family only. */
function carried(permit: Permit, families: Written['families']): Permit {
  if (families === undefined) return permit
  const own = ({ ranges, ...end }: Permit['to']): Permit['to'] => ({
    ...end,
    ranges: ranges.filter(({ family }) => families.includes(family)),
  })
  return { ...permit, from: own(permit.from), to: own(permit.to) }
}

/** The question that a permit is to the rules that were written for it. */
export function askedByPermit({ from, to, transport, ports, request }: Permit): AskedFlow {
  return {
    source: from.ranges,
    ...(to.ranges.length > 0 && { destination: to.ranges }),
    ...(to.ranges.length > 0 && to.asOf !== undefined && { destinationAsOf: to.asOf }),
    ...(to.name !== undefined && { name: to.name }),
    transport,
    ports,
    request,
  }
}

function notAllowed(permit: Permit, reading: Reading, usual: Passage, knowledge: Knowledge): RuleNotProven | undefined {
  const { id, flows, necessity } = permit
  const told = { permit: id, flows, necessity }
  if (reading.ruleSets.length === 0) {
    return { ...told, verdict: 'not-asked', why: 'nothing was understood of what was written' }
  }
  const device = { label: 'written', ruleSets: reading.ruleSets, passage: permit.passage ?? usual }
  const way = judgeWay([device], askedByPermit(permit), knowledge, judgePath, permit.to.ranges)
  if ('why' in way) return { ...told, verdict: 'not-asked', why: way.why }
  const { verdict, parts } = way.judged
  if (verdict === 'allow') return undefined
  const part = parts.find((one) => one.verdict !== 'allow')
  const by = part?.decidedBy.at(-1)?.rule
  const depends = part?.dependsOn.map(({ what }) => what).join(', ') ?? ''
  const reasons = [by === undefined ? '' : `by ${by}`, depends === '' ? '' : `depends on ${depends}`]
  return { ...told, verdict, why: reasons.filter((reason) => reason !== '').join('; ') || 'no packet of it is left' }
}

/** A denial that cannot be asked has nothing that passes: who opens it has no address. */
function notClosed(permit: Permit, failing: RuleNotProven | undefined): readonly RuleNotProven[] {
  const { id, flows, necessity } = permit
  if (failing === undefined) {
    return [
      { permit: id, flows, necessity, verdict: 'allow', why: 'a rule that is needed for something else lets it pass' },
    ]
  }
  return failing.verdict === 'deny' || failing.verdict === 'no-path' || failing.verdict === 'not-asked' ? [] : [failing]
}

function beyondOf(
  { ruleSets }: Reading,
  permits: readonly Permit[],
  usual: Passage,
  knowledge: Knowledge,
  besides: Written['besides'],
): readonly RuleBeyond[] {
  const passages = new Set([usual, ...permits.map(({ passage }) => passage ?? usual)])
  const told = new Map<string, RuleBeyond>()
  for (const passage of passages) {
    const own = permits.filter((permit) => (permit.passage ?? usual) === passage)
    // A machine of which nothing is asked in a direction keeps that direction as it is.
    if (own.length === 0 && passage !== 'forward') continue
    for (const ruleSet of ruleSets) {
      for (const beyond of allowedBeyond(ruleSet, own, passage, knowledge).flatMap((one) => ofMachines(one, own))) {
        const because = besides?.[beyond.by] ?? reasonOf(beyond, own, knowledge)
        const what = wordsOf(beyond)
        told.set(what, { what, by: beyond.by, ...(because !== undefined && { because }) })
      }
    }
  }
  return [...told.values()]
}

/** A machine's own firewall lets pass what is from or to it: of other machines its rules say nothing. */
function ofMachines(beyond: Beyond, permits: readonly Permit[]): readonly Beyond[] {
  if (beyond.passage === 'forward') return [beyond]
  const side = beyond.passage === 'input' ? 'destination' : 'source'
  const near = mergedRanges(permits.flatMap(({ from, to }) => (side === 'source' ? from : to).ranges))
  const own = near.length === 0 ? beyond[side] : commonRanges(mergedRanges(beyond[side]), near)
  return own.length === 0 ? [] : [{ ...beyond, [side]: own }]
}

/** A service tag stands for more than the names that a permit has it for. */
function reasonOf(beyond: Beyond, permits: readonly Permit[], knowledge: Knowledge): string | undefined {
  if (beyond.implied === true) return `the platform lets them pass of itself (${beyond.by})`
  for (const tag of new Set(permits.flatMap(({ to, from }) => [to.tag, from.tag]))) {
    const found = tag === undefined ? undefined : knowledge.tag(tag)
    if (found === undefined) continue
    const isIn = (ranges: readonly AddressRange[]): boolean => rangesWithout(ranges, found.addresses.sure).length === 0
    if (isIn(beyond.destination) || isIn(beyond.source)) return `the service tag ${tag} stands for them as well`
  }
  return undefined
}

/** So many of a list tell what it is about. */
const shown = 4

function wordsOf({ source, destination, transport, ports, name, dependsOn }: Beyond): string {
  const list = (texts: readonly string[]): string =>
    texts.length <= shown ? texts.join(', ') : `${texts.slice(0, shown).join(', ')} and ${texts.length - shown} more`
  const port = transport === 'icmp' ? ' echo' : ` ${list(portTexts(ports))}`
  const asked = name === undefined ? '' : ` for ${name}`
  const may =
    dependsOn.length === 0 || name !== undefined ? '' : `, depending on ${list(dependsOn.map(({ what }) => what))}`
  return `${list(rangeTexts(source))} to ${list(rangeTexts(destination))}, ${transport}${port}${asked}${may}`
}
