import type { Finding } from '../../model/finding.ts'
import type { AddressRange } from '../addresses.ts'
import { commonRanges, mergedRanges } from '../addresses.ts'
import type { Audited } from '../audited.ts'
import { rangeTexts } from '../rangeText.ts'
import { capped } from './capped.ts'
import { flowsDecidedBy, idsOf } from './concernedFlows.ts'
import { firstOfEachRule, openingsOf } from './openings.ts'
import { isWithinMerged, meetRanges, publicParts, publishedLists } from './publishedLists.ts'
import { listed, placeOf, spokenRule } from './words.ts'

/** A list as it is known now, and what an older edition of it had beside that. */
interface Edition {
  readonly called: string
  readonly asOf: string
  readonly now: readonly AddressRange[]
  readonly before: readonly AddressRange[]
}

/** Beside so many that are in the lists a stranger is a leftover, and fewer may be anybody's. */
const fewestNeighbours = 2

/**
 * Addresses of a rule that are in no list of Microsoft's while their neighbours in the same rule are: they were once, or
 * are somebody else's by now. A rule that mixes its own far ends with Microsoft's has more strangers than neighbours, and
 * is left alone, unless an older list had the address.
 */
export function staleAddress(audited: Audited): readonly Finding[] {
  const editions = editionsOf(audited)
  const every = mergedRanges(editions.flatMap(({ now }) => now))
  const cloud = audited.knowledge.tag('AzureCloud')?.addresses.sure ?? []
  return capped(
    firstOfEachRule(openingsOf(audited), ({ rule, device, destination }): Finding | undefined => {
      const own = publicParts(destination.sure)
      // One alone has no neighbours.
      if (own.length < 2) return undefined
      const listedOnes = own.filter((range) => isWithinMerged([range], every))
      if (listedOnes.length === 0) return undefined
      const strange = own.filter((range) => !meetRanges([range], every) && !meetRanges([range], cloud))
      const gone = strange.filter((range) => editions.some(({ before }) => meetRanges([range], before)))
      const odd =
        gone.length > 0
          ? gone
          : listedOnes.length >= fewestNeighbours && strange.length * 2 < listedOnes.length
            ? strange
            : []
      const [first] = odd
      if (first === undefined) return undefined
      const edition =
        editions.find(({ before }) => meetRanges([first], before)) ??
        editions.find(({ now }) => meetRanges(listedOnes, now))
      const texts = rangeTexts(odd)
      const named = listed(texts.slice(0, 3), Math.max(0, texts.length - 3))
      return {
        code: 'stale-address',
        severity: 'medium',
        what: `${spokenRule(rule, rule.span.file)} of ${device.label} has ${named} among Microsoft's addresses, where ${texts.length === 1 ? 'it does' : 'they do'} not belong`,
        where: placeOf(rule.span),
        why: `${gone.length > 0 ? `an older edition had ${texts.length === 1 ? 'it' : 'them'}, and` : 'the other addresses of the rule are in it, and'} ${edition?.called ?? 'the list'} of ${edition?.asOf ?? 'today'} has ${texts.length === 1 ? 'it' : 'them'} not`,
        next: 'look up whose they are now, and write the rule anew from the list of today (--tags FILE reads it); then audit again',
        flows: idsOf(flowsDecidedBy(audited, rule)),
      }
    }),
  )
}

/** What the user gave counts for a tag where it is newer than what the catalog has. */
function editionsOf({ knowledge }: Audited): readonly Edition[] {
  return publishedLists().map(({ id, tag, source, asOf, merged }) => {
    const given = tag === undefined ? undefined : knowledge.tag(tag)
    if (given === undefined || given.asOf <= asOf || tag === undefined) {
      return { called: tag ?? source ?? id, asOf, now: merged, before: [] }
    }
    const now = given.addresses.sure
    const kept = commonRanges(merged, now)
    return { called: tag, asOf: given.asOf, now, before: merged.filter((range) => !meetRanges([range], kept)) }
  })
}
