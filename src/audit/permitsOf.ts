import type { AddressRange } from '../firewall/addresses.ts'
import { mergedRanges } from '../firewall/addresses.ts'
import type { Passage } from '../firewall/judged.ts'
import type { NotPermitted, Permit, PermitEnd } from '../firewall/permit.ts'
import { rangeText } from '../firewall/rangeText.ts'
import type { NumberRange } from '../firewall/ruleset.ts'
import type { Flow, Necessity } from '../model/flow.ts'
import type { Site } from '../model/site.ts'
import type { Opening, Stand } from './openingsOf.ts'
import { openingsOf } from './openingsOf.ts'
import { permitIds } from './permitIds.ts'
import type { PublishedKnowledge } from './publishedKnowledge.ts'

/** What a firewall is asked for. */
export interface Permits {
  readonly permits: readonly Permit[]
  /** What has to stay closed: negative rows of the plan, and what the site file forbids. */
  readonly denials: readonly Permit[]
  /** Flows of which the site file does not say enough for a rule. */
  readonly notPermitted: readonly NotPermitted[]
  /** How permits meet the firewall that do not say it themselves. */
  readonly passage: Passage
}

/** Needs that a rule is written for; what is optional is left to who reads the plan. */
const wanted: readonly Necessity[] = ['required', 'conditional', 'recommended']

/**
 * The openings that a plan asks of one firewall, few and narrow: what goes from one end to another by one transport is
 * one permit with its ports together, and what only the set-up needs stands apart from it.
 *
 * @param flows of the plan of the site
 */
export function permitsOf(flows: readonly Flow[], site: Site, knowledge: PublishedKnowledge, stand: Stand): Permits {
  const guards = stand.device === undefined ? undefined : site.devices[stand.device]?.protects
  const passage: Passage = stand.stands === 'host' || guards !== undefined ? 'output' : 'forward'
  const asked = flows.filter(({ expect, necessity }) => expect === 'closed' || wanted.includes(necessity))
  const openings: Opening[] = []
  const refused: { readonly flow: Flow; readonly why: string; readonly add: string }[] = []
  for (const flow of asked) {
    const found = openingsOf(flow, stand, { site, knowledge })
    if ('why' in found) refused.push({ flow, ...found })
    else openings.push(...found)
  }
  const [closed, open] = partition(openings, ({ flow }) => flow.expect === 'closed')
  const permits = groupedPermits(open, passage)
  return {
    permits,
    denials: groupedPermits(closed, passage, 'deny-'),
    notPermitted: notPermittedOf(refused, openings),
    passage,
  }
}

function partition<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): readonly [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}

/** Openings between the same ends at one port, whatever asks for them. */
interface Door {
  readonly openings: readonly Opening[]
  readonly necessity: Necessity
  readonly isSetup: boolean
  readonly range: NumberRange | undefined
}

function groupedPermits(openings: readonly Opening[], usual: Passage, prefix = ''): readonly Permit[] {
  const doors = [...Map.groupBy(eachPort(openings), doorKey).values()].map(doorOf)
  const groups = Map.groupBy(doors, ({ openings: [first], necessity, isSetup }) =>
    first === undefined ? '' : `${endsKey(first)}|${necessity}|${isSetup}`,
  )
  const found = [...groups.values()].flatMap((group) => permitOf(group, usual))
  return permitIds(found, prefix)
}

type OnePort = Opening & { readonly range: NumberRange | undefined }

function eachPort(openings: readonly Opening[]): readonly OnePort[] {
  return openings.flatMap((opening): OnePort[] => {
    const { ports } = opening.asked
    return ports.length === 0 ? [{ ...opening, range: undefined }] : ports.map((range) => ({ ...opening, range }))
  })
}

function doorKey(opening: OnePort): string {
  return `${endsKey(opening)}|${opening.range?.first}-${opening.range?.last}`
}

/** Addresses of one host are one end; a name that is served at several is one as well. */
function endsKey({ passage, from, to, asked }: Opening): string {
  return JSON.stringify([passage, from.label, to.label, to.name ?? '', asked.transport, asked.request])
}

function doorOf(openings: readonly OnePort[]): Door {
  const needs = openings.map(({ flow }) => flow.necessity)
  return {
    openings,
    necessity: wanted.find((necessity) => needs.includes(necessity)) ?? needs[0] ?? 'not-required',
    isSetup: openings.every(({ flow }) => flow.phase === 'setup'),
    range: openings[0]?.range,
  }
}

function permitOf(doors: readonly Door[], usual: Passage): readonly Omit<Permit, 'id'>[] {
  const openings = doors.flatMap((door) => door.openings)
  const [first] = openings
  const [door] = doors
  if (first === undefined || door === undefined) return []
  const { passage, asked } = first
  const flows = [...new Set(openings.map(({ flow }) => flow.flow))]
  const purposes = [...new Set(openings.map(({ flow }) => onOneLine(flow.purpose)))]
  return [
    {
      flows,
      why: purposes.join(' / '),
      from: joinedEnd(openings.map(({ from }) => from)),
      to: joinedEnd(openings.map(({ to }) => to)),
      transport: asked.transport,
      ports: joinedPorts(doors.flatMap(({ range }) => (range === undefined ? [] : [range]))),
      request: asked.request,
      necessity: door.necessity,
      ...(door.isSetup && { phase: 'setup' as const }),
      ...(passage !== usual && { passage }),
    },
  ]
}

function joinedEnd(ends: readonly PermitEnd[]): PermitEnd {
  const [first] = ends
  const ranges = mergedRanges(distinctRanges(ends.flatMap((end) => end.ranges)))
  return first === undefined ? { label: '', ranges } : { ...first, ranges }
}

/** Hundreds of openings bring the same list each. */
function distinctRanges(ranges: readonly AddressRange[]): readonly AddressRange[] {
  return [...new Map(ranges.map((range) => [rangeText(range), range])).values()]
}

function joinedPorts(ports: readonly NumberRange[]): readonly NumberRange[] {
  const joined: NumberRange[] = []
  for (const range of ports.toSorted((a, b) => a.first - b.first || a.last - b.last)) {
    const before = joined.at(-1)
    if (before === undefined || before.last + 1 < range.first) joined.push(range)
    else if (range.last > before.last) joined[joined.length - 1] = { first: before.first, last: range.last }
  }
  return joined
}

/** Spaces and signs that end or steer a line become one space. */
function onOneLine(text: string): string {
  return text.replace(/[\s\p{C}\p{Z}]+/gu, ' ').trim()
}

/**
 * Refusals in words, each once. One that is about one of several addresses of a host is none where another of them can
 * be reached.
 */
function notPermittedOf(
  refused: readonly { readonly flow: Flow; readonly why: string; readonly add: string }[],
  openings: readonly Opening[],
): readonly NotPermitted[] {
  const meeting = new Set(openings.map(({ flow }) => hostKey(flow)))
  const told = new Map<string, NotPermitted>()
  for (const { flow, why, add } of refused) {
    if (meeting.has(hostKey(flow)) && flow.target.address !== undefined) continue
    told.set(`${flow.flow}\n${why}`, { flow: flow.flow, why, instead: `add ${add}` })
  }
  return [...told.values()]
}

function hostKey({ flow, from, to, target }: Flow): string {
  return JSON.stringify([flow, from, to, target.transport, target.port])
}
