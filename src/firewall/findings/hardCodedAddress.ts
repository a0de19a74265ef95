import { addressListsOf } from '../../catalog/index.ts'
import type { Finding } from '../../model/finding.ts'
import type { Addresses, AddressRange } from '../addresses.ts'
import { mergedRanges } from '../addresses.ts'
import type { Audited } from '../audited.ts'
import type { PathStep } from '../judged.ts'
import { rangeTexts } from '../rangeText.ts'
import type { Rule } from '../ruleset.ts'
import { capped } from './capped.ts'
import { flowsDecidedBy, idsOf, isSamePlace } from './concernedFlows.ts'
import { cloudOf, isOutbound } from './flowEnds.ts'
import { firstOfEachRule, openingsOf } from './openings.ts'
import type { PublishedList } from './publishedLists.ts'
import { isWithinRanges, publicParts, publishedLists, sizeOf } from './publishedLists.ts'
import type { Concerns } from './stepGroups.ts'
import { placeOfConcerns, spokenFlows, spokenStep, stepGroups, wanted } from './stepGroups.ts'
import { listed, placeOf, spokenRule } from './words.ts'

/** Addresses that a rule has for single machines: more of them are a network. */
const fewest = 8n
/** A published prefix that small is of single machines itself. */
const smallest = 64n

/**
 * Addresses in rules that stand for what Microsoft moves: single machines out of a published range, and addresses for
 * names of which it publishes none.
 */
export function hardCodedAddress(audited: Audited): readonly Finding[] {
  return capped([...singleHosts(audited), ...unpublishedNames(audited)])
}

function singleHosts(audited: Audited): readonly Finding[] {
  const lists = publishedLists()
  return firstOfEachRule(openingsOf(audited), ({ rule, device, destination }): Finding | undefined => {
    const single = publicParts(destination.sure).filter((range) => sizeOf([range]) <= fewest)
    const found = single.flatMap((range) => {
      const list = lists.find(({ merged }) => isWithinRanges([range], merged))
      const prefix = list === undefined ? undefined : smallestAround(range, list)
      return list === undefined || prefix === undefined || sizeOf([prefix]) < smallest ? [] : [{ range, list, prefix }]
    })
    const [first] = found
    if (first === undefined) return undefined
    const texts = rangeTexts(found.map(({ range }) => range))
    const [around = ''] = rangeTexts([first.prefix])
    return {
      code: 'hard-coded-address',
      severity: 'medium',
      what: `${spokenRule(rule, rule.span.file)} of ${device.label} names single machines of Microsoft's: ${listed(texts.slice(0, 3), Math.max(0, texts.length - 3))}`,
      where: placeOf(rule.span),
      why: `they are out of ${around} (${first.list.source}, ${first.list.asOf}); which machine of it answers changes from one request to the next`,
      next: `allow ${around} and the other prefixes of the list, or the names where the device can; then audit again`,
      flows: idsOf(flowsDecidedBy(audited, rule)),
    }
  })
}

function smallestAround(range: AddressRange, { prefixes }: PublishedList): AddressRange | undefined {
  return prefixes
    .filter((prefix) => isWithinRanges([range], [prefix]))
    .toSorted((a, b) => Number(a.last - a.first - (b.last - b.first)))
    .at(0)
}

function unpublishedNames(audited: Audited): readonly Finding[] {
  const cloud = cloudOf(audited)
  const rules = new Map<string, Rule>()
  for (const { rule } of openingsOf(audited)) rules.set(keyOf(rule.name, rule.span), rule)
  const published = mergedRanges(publishedLists().flatMap(({ merged }) => merged))
  const concerns = wanted(audited.flows).flatMap((flow) => {
    const { name, destination } = flow.asked
    // Of a name without known addresses a rule about some is not the rule for the name.
    if (name === undefined || destination === undefined) return []
    if (flow.planned === undefined || !isOutbound(flow.planned) || addressListsOf(name, cloud).length > 0) return []
    const found = flow.judged.parts.flatMap((part) => {
      if (part.verdict !== 'allow' || part.by === 'name') return []
      const step = part.decidedBy.findLast((one) => one.answer !== true && ruleOf(one, rules) !== undefined)
      const own = ruleOf(step, rules)?.match.destination
      return isByAddress(own) && !isWithinRanges(own?.sure ?? [], published) ? [{ flow, part, step }] : []
    })
    return found.slice(0, 1)
  })
  return stepGroups(concerns).map(
    (group: Concerns): Finding => ({
      code: 'hard-coded-address',
      severity: 'medium',
      what: `${spokenStep(group[0].step)} allows ${spokenFlows(group)} by addresses`,
      why: `Microsoft publishes no addresses for ${group[0].flow.asked.name ?? 'the name'}: those of today are others tomorrow, and nothing says so`,
      next: 'allow the name: on a device that knows names, or on a proxy; then audit again',
      ...placeOfConcerns(group),
    }),
  )
}

function keyOf(name: string, { file, line, path }: Rule['span']): string {
  return [name, file, line, path].join('\n')
}

function ruleOf(step: PathStep | undefined, rules: ReadonlyMap<string, Rule>): Rule | undefined {
  if (step?.span === undefined) return undefined
  const rule = rules.get(keyOf(step.rule, step.span))
  return rule !== undefined && isSamePlace(rule.span, step.span) ? rule : undefined
}

/** So many addresses at most are meant one by one: whoever allows more means a network or everything. */
const mostMeant = 1n << 16n

function isByAddress(destination: Addresses | undefined): boolean {
  if (destination === undefined || destination.possible.length > 0) return false
  const own = publicParts(destination.sure)
  return own.length > 0 && own.every((range) => range.family === 6 || sizeOf([range]) <= mostMeant)
}
