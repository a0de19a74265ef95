import { flowRows, folkloreRows, isMicrosoftName, namesCovering, roleRows } from '../../catalog/index.ts'
import type { Finding } from '../../model/finding.ts'
import type { Flow } from '../../model/flow.ts'
import type { AddressRange } from '../addresses.ts'
import { mergedRanges } from '../addresses.ts'
import type { Audited } from '../audited.ts'
import type { NamePattern } from '../namePattern.ts'
import { rangesOfPrefix } from '../rangesOfPrefix.ts'
import { portTexts } from '../rangeText.ts'
import type { NumberRange } from '../ruleset.ts'
import { capped } from './capped.ts'
import { cloudOf, isOutbound, isServer } from './flowEnds.ts'
import { forbiddenFlowOpen } from './forbiddenFlowOpen.ts'
import type { Opening } from './openings.ts'
import { hasTcp, openingsByRule, openingsOf } from './openings.ts'
import type { PublishedList } from './publishedLists.ts'
import {
  coversInternet,
  isWithinMerged,
  isWithinRanges,
  meetRanges,
  publicParts,
  publishedLists,
} from './publishedLists.ts'
import { listed, placeOf, spokenRule } from './words.ts'

/** A range of ports that is wider is no list of ports: nobody wrote it for one of them. */
const widest = 64

/**
 * Ports that a rule opens towards Microsoft, or for a server to the outside, and that no flow has: 8443 to Entra ID, those
 * of agents of long ago, and any other. An own app's 8443 is a flow of the plan where the site has the app.
 */
export function unneededPort(audited: Audited): readonly Finding[] {
  const all = publishedLists()
  const lists: Lists = { all, merged: mergedRanges(all.flatMap(({ merged }) => merged)) }
  const told = new Set(forbiddenFlowOpen(audited).map(({ where: { file, line } }) => `${file}:${line}`))
  const openings = openingsOf(audited).filter(({ ports, stage }) => ports !== undefined && stage.hook !== 'input')
  return capped(
    openingsByRule(openings).flatMap((group): Finding[] => {
      const [{ rule, device }] = group
      if (told.has(`${rule.span.file}:${rule.span.line}`)) return []
      const bad = distinct(group.flatMap((opening) => unneededOf(opening, audited, lists)))
      if (bad.length === 0) return []
      const texts = portTexts(bad)
      const isNegative = bad.some(({ first, last }) => first <= 8443 && 8443 <= last)
      const [them, ports] = texts.length === 1 ? ['it', 'the port'] : ['them', 'the ports']
      return [
        {
          code: 'unneeded-port',
          severity: isNegative ? 'medium' : 'low',
          what: `${spokenRule(rule, rule.span.file)} of ${device.label} opens tcp ${listed(texts.slice(0, 6), Math.max(0, texts.length - 6))}, which no flow needs`,
          where: placeOf(rule.span),
          why: whyOf(bad),
          next: `take ${ports} out of the rule, or write the flow that needs ${them} under flows: of the site file; then audit again`,
          flows: [],
        },
      ]
    }),
  )
}

interface Lists {
  readonly all: readonly PublishedList[]
  /** All of their addresses. */
  readonly merged: readonly AddressRange[]
}

function unneededOf(opening: Opening, audited: Audited, lists: Lists): readonly NumberRange[] {
  if (!hasTcp(opening)) return []
  const needed = neededBy(opening, audited, lists)
  if (needed === undefined) return []
  return (opening.ports ?? []).filter(
    (range) =>
      range.last - range.first < widest &&
      !needed.ports.some((one) => one.first <= range.last && range.first <= one.last) &&
      // Elsewhere than at Microsoft a server may have business of its own: names to resolve, mail to send.
      (needed.isAtMicrosoft || factAbout(range) !== undefined),
  )
}

function distinct(ranges: readonly NumberRange[]): readonly NumberRange[] {
  const sorted = ranges.toSorted((a, b) => a.first - b.first || a.last - b.last)
  return sorted.filter(({ first, last }, at) => first !== sorted[at - 1]?.first || last !== sorted[at - 1]?.last)
}

interface Needed {
  readonly ports: readonly NumberRange[]
  readonly isAtMicrosoft: boolean
}

/** What is needed of TCP where an opening leads; undefined where nobody can say, since it leads elsewhere. */
function neededBy(opening: Opening, audited: Audited, lists: Lists): Needed | undefined {
  const planned = (audited.site?.planned ?? []).filter(
    (flow) => flow.expect === 'open' && flow.target.transport === 'tcp' && flow.necessity !== 'legacy',
  )
  if (leadsToMicrosoft(opening, audited, lists)) {
    const ports = audited.site === undefined ? neededByAnybody() : planned.filter(isOutbound).flatMap(portsOf)
    return { ports, isAtMicrosoft: true }
  }
  const own = planned.filter((flow) => isServer(flow) && meetsSource(flow, opening))
  const servers = mergedRanges(own.flatMap(({ fromAddresses }) => fromAddresses.flatMap(rangesOfPrefix)))
  if (!isWithinRanges(opening.source.sure, servers) || opening.source.possible.length > 0) return undefined
  // Any far end may be one of the site, or another's: only of what goes everywhere is it known that no flow wants it.
  return coversInternet(opening.destination.sure) ? { ports: own.flatMap(portsOf), isAtMicrosoft: false } : undefined
}

function meetsSource({ fromAddresses }: Flow, { source }: Opening): boolean {
  return meetRanges(fromAddresses.flatMap(rangesOfPrefix), source.sure)
}

function portsOf({ target: { port, plannedPort, range } }: Flow): readonly NumberRange[] {
  const known = plannedPort ?? port
  return known === null ? (range === undefined ? [] : [range]) : [{ first: known, last: known }]
}

/** Without a plan: what some site could need towards Microsoft today. */
function neededByAnybody(): readonly NumberRange[] {
  return flowRows
    .filter(
      ({ to, necessity }) =>
        (roleRows[to].side === 'cloud' || to === 'internet') && necessity !== 'legacy' && necessity !== 'not-required',
    )
    .flatMap(({ pairs }) => pairs)
    .flatMap(({ transport, port, range }) =>
      transport !== 'tcp' ? [] : port === null ? (range === undefined ? [] : [range]) : [{ first: port, last: port }],
    )
}

/** Whether all that an opening leads to is Microsoft's: by its names, its tag, or the lists of addresses. */
function leadsToMicrosoft({ destination, asks }: Opening, audited: Audited, lists: Lists): boolean {
  const requested = asks.flatMap(({ requestedNames = [] }) => requestedNames)
  const isMicrosofts = ({ covers, name }: NamePattern): boolean =>
    covers !== 'any' &&
    covers !== 'glob' &&
    (isMicrosoftName(name, cloudOf(audited)) || namesCovering(`a.${name}`, cloudOf(audited)).length > 0)
  if (requested.length > 0) return requested.every(isMicrosofts)
  const { sure, possible } = destination
  if (sure.length === 0 && possible.length === 0) return false
  const isPublished =
    sure.length === 0 || (isWithinRanges(sure, publicParts(sure)) && isWithinMerged(sure, lists.merged))
  return (
    isPublished &&
    possible.every(
      ({ because: { names, tag }, inverted }) =>
        inverted !== true &&
        (tag === undefined
          ? names !== undefined && names.length > 0 && names.every(isMicrosofts)
          : lists.all.some((list) => list.tag !== undefined && isTagOf(tag, list.tag))),
    )
  )
}

/** `AzureActiveDirectory` and `ServiceBus.WestEurope`. */
function isTagOf(written: string, tag: string): boolean {
  const lower = written.toLowerCase()
  return lower === tag.toLowerCase() || lower.startsWith(`${tag.toLowerCase()}.`)
}

/** What is so about ports of which something else is often said. */
function factAbout({ first, last }: NumberRange): string | undefined {
  return folkloreRows.find(
    ({ terms, tone }) =>
      tone !== 'own-door' &&
      terms.some((term) => {
        const [from = Number.NaN, to = from] = /^\d+(-\d+)?$/.test(term) ? term.split('-').map(Number) : []
        return from <= last && first <= to
      }),
  )?.fact
}

function whyOf(ports: readonly NumberRange[]): string {
  const fact = ports.map(factAbout).find((one) => one !== undefined)
  return (
    fact ?? 'no flow of the plan and no row of the catalog has it; towards Microsoft it is 443, and 80 for revocation'
  )
}
