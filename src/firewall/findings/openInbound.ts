import type { Finding, Severity } from '../../model/finding.ts'
import type { Addresses, AddressRange } from '../addresses.ts'
import { commonRanges, everyAddress, mergedRanges } from '../addresses.ts'
import type { Audited, AuditedDevice } from '../audited.ts'
import { judge } from '../judge.ts'
import type { AskedFlow, DecidedBy, JudgedPart, Passage, PathDevice } from '../judged.ts'
import { publicRanges, rangesOfPrefix } from '../rangesOfPrefix.ts'
import { portTexts, rangeTexts } from '../rangeText.ts'
import type { NumberRange, RuleSet } from '../ruleset.ts'
import { capped } from './capped.ts'
import { isOutbound } from './flowEnds.ts'
import { forbiddenFlowOpen } from './forbiddenFlowOpen.ts'
import { openingsOf } from './openings.ts'
import { outsidePlaces } from './outsidePlaces.ts'
import { isWithinRanges, meetRanges } from './publishedLists.ts'
import { listed } from './words.ts'

/** Ports by which machines are administered and files are shared: what is open there to everybody is tried within minutes. */
const administration = [22, 23, 135, 139, 389, 445, 636, 1433, 3389, 5900, 5985, 5986, 9389] as const

/** Network cards of clouds: what they let in from anywhere comes in where the machine has a public address. */
const cards: ReadonlySet<RuleSet['vendor']> = new Set(['azure-nsg', 'aws', 'gcp'])

interface Inbound {
  readonly step: DecidedBy
  readonly parts: JudgedPart[]
}

/**
 * What anybody on the internet may open to the inside, and no flow of the plan needs. Judged as a whole, with its
 * translations: a rule that an earlier one takes everything from opens nothing. Without a site file nobody knows what is
 * published on purpose, and only ports of administration are told.
 */
export function openInbound(audited: Audited): readonly Finding[] {
  const told = new Set(forbiddenFlowOpen(audited).map(({ where: { file, line } }) => `${file}:${line}`))
  return audited.devices.flatMap((device) =>
    capped(
      device.ruleSets.flatMap((ruleSet) =>
        inboundOf(device, ruleSet, audited).flatMap((inbound): readonly Finding[] => {
          const { span } = inbound.step
          if (span === undefined || span.file === '' || told.has(`${span.file}:${span.line}`)) return []
          return findingOf(inbound, device, ruleSet, audited)
        }),
      ),
    ),
  )
}

function inboundOf(device: AuditedDevice, ruleSet: RuleSet, audited: Audited): readonly Inbound[] {
  const passage: Passage | undefined = ruleSet.stages.some(({ kind, hook }) => kind === 'filter' && hook === 'forward')
    ? 'forward'
    : cards.has(ruleSet.vendor)
      ? 'input'
      : undefined
  const room = passage === undefined ? undefined : roomFor(device, ruleSet, passage)
  if (passage === undefined || room === undefined || isBehindAnother(device, audited)) return []
  const inside = insideOf(audited)
  const outside = new Set(outsidePlaces(ruleSet).flatMap(({ name, zones = [] }) => [name, ...zones]))
  const found = new Map<string, Inbound>()
  for (const asked of questionsOf(ruleSet, passage, room)) {
    const { parts } = judge(ruleSet, asked, passage, audited.knowledge, { most: 500_000 })
    for (const part of parts) {
      const step = openingStep(part, ruleSet)
      if (part.verdict !== 'allow' || step === undefined) continue
      // What goes out again by the way that it came is between the outside and the outside, whatever its address.
      if (part.out !== undefined && outside.has(part.out)) continue
      if (passage === 'forward' && !meetRanges(part.becomes?.destination ?? part.destination, inside)) continue
      const key = [step.stage, step.rule, step.span?.file, step.span?.line].join('\n')
      const before = found.get(key) ?? { step, parts: [] }
      found.set(key, before)
      before.parts.push(part)
    }
  }
  return [...found.values()].filter(({ parts }) => isForAnybody(mergedRanges(parts.flatMap(({ source }) => source))))
}

/** Whether flows to the outside meet another filter behind this one, wherever they meet it: that one is the edge. */
function isBehindAnother({ label }: AuditedDevice, { flows }: Audited): boolean {
  const outbound = flows.filter(
    ({ planned, devices }) =>
      planned !== undefined && isOutbound(planned) && devices.some((device) => device.label === label),
  )
  const isFilter = ({ ruleSets }: PathDevice): boolean =>
    ruleSets.some(({ stages }) => stages.some(({ kind, hook }) => kind === 'filter' && hook === 'forward'))
  const edges = outbound.map(({ devices }) => devices.findLast(isFilter)?.label)
  return edges.length > 0 && edges.every((edge) => edge !== undefined && edge !== label)
}

/** Where something could come in at most. */
interface Room {
  readonly destination: readonly AddressRange[]
  readonly ports: readonly NumberRange[]
}

/**
 * What the rules for anybody lead to, as it is before translation: of ten thousand rules few are, and only they are asked
 * about. All, where a filter lets pass what no rule denies; undefined where no rule is for anybody.
 */
function roomFor(device: AuditedDevice, ruleSet: RuleSet, passage: Passage): Room | undefined {
  const all: Room = { destination: everyAddress().sure, ports: [{ first: 1, last: 65_535 }] }
  const hook = passage === 'input' ? 'input' : 'forward'
  const closed = ruleSet.stages.find(
    ({ kind, hook: own, otherwise }) =>
      kind === 'filter' && own === hook && (otherwise.action === 'drop' || otherwise.action === 'reject'),
  )
  // A router that forbids nothing, and of which nobody knows that the internet is beside it, stands somewhere inside.
  if (closed === undefined) return outsidePlaces(ruleSet).length === 0 ? undefined : all
  const open = openingsOf({ devices: [{ ...device, ruleSets: [{ ...ruleSet, stages: [closed] }] }] }).filter(
    ({ source }) => isForAnybody(reachOf(source)),
  )
  const isImplied = Object.values(ruleSet.chains).some((rules) =>
    rules.some(({ implied, action }) => implied === true && action.kind === 'allow'),
  )
  if (open.length === 0) return isImplied ? all : undefined
  if (isImplied) return all
  const translated = ruleSet.stages
    .filter(({ kind }) => kind === 'destination-nat')
    .flatMap(({ chain }) => ruleSet.chains[chain] ?? [])
    .filter(({ action }) => action.kind !== 'no-translation')
  const ends = [
    ...open.map(({ destination, ports }) => ({ destination, ports })),
    ...translated.map(({ match }) => ({ destination: match.destination, ports: match.destinationPorts })),
  ]
  return {
    destination: mergedRanges(
      ends.flatMap(({ destination }) => (destination === undefined ? all.destination : reachOf(destination))),
    ),
    ports: distinct(ends.flatMap(({ ports }) => ports ?? all.ports)),
  }
}

function reachOf({ sure, possible }: Addresses): readonly AddressRange[] {
  return mergedRanges([...sure, ...possible.flatMap(({ within }) => within)])
}

/**
 * The rule of the filters that lets it in; the default of one that lets everything in, where no rule does. What the vendor
 * answers of itself at its own address is none.
 */
function openingStep({ decidedBy }: JudgedPart, { stages, chains }: RuleSet): DecidedBy | undefined {
  const filters = new Map(stages.filter(({ kind }) => kind === 'filter').map((stage) => [stage.name, stage]))
  const isOwnService = ({ rule, stage }: DecidedBy): boolean => {
    const at = filters.get(stage)
    return (
      at?.hook === 'input' && chains[at.chain]?.some(({ name, implied }) => name === rule && implied === true) === true
    )
  }
  const allows = decidedBy.filter(
    ({ does, answer, stage }) => does === 'allows' && answer !== true && filters.has(stage),
  )
  if (allows.some(isOwnService)) return undefined
  return allows.findLast(({ stage, rule }) => filters.get(stage)?.otherwise.name !== rule) ?? allows.at(-1)
}

function insideOf({ site }: Audited): readonly AddressRange[] {
  return mergedRanges([...(site?.inside ?? []), ...privateRanges])
}

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'].flatMap(rangesOfPrefix)

/** From the internet to anywhere, by each place behind which it lies; by places of unknown networks, where none is said. */
function questionsOf(ruleSet: RuleSet, passage: Passage, { destination, ports }: Room): readonly AskedFlow[] {
  const asked = (transport: 'tcp' | 'udp'): AskedFlow => ({
    ...{ source: publicRanges(), destination, transport, ports },
    request: 'connect',
  })
  const flows = [asked('tcp'), asked('udp')]
  if (passage === 'input') return flows
  const places = outsidePlaces(ruleSet).slice(0, 4)
  return places.length === 0 ? flows : places.flatMap(({ name }) => flows.map((flow) => ({ ...flow, in: name })))
}

/** Half of the addresses of IPv4 or of 2000::/3: a rule for some partner or country is not for anybody. */
function isForAnybody(source: readonly AddressRange[]): boolean {
  const count = (family: 4 | 6): bigint =>
    source.reduce((sum, range) => (range.family === family ? sum + range.last - range.first + 1n : sum), 0n)
  return count(4) > 1n << 31n || count(6) > 1n << 124n
}

function findingOf(
  { step, parts }: Inbound,
  { label }: AuditedDevice,
  ruleSet: RuleSet,
  audited: Audited,
): readonly Finding[] {
  const unneeded = parts.flatMap((part) => {
    const ports = withoutNeeded(part, audited)
    return ports.length === 0 ? [] : [{ part, ports }]
  })
  const ports = distinct(unneeded.flatMap((one) => one.ports))
  const grave = administration.filter((port) => ports.some(({ first, last }) => first <= port && port <= last))
  if (unneeded.length === 0 || (audited.site === undefined && grave.length === 0)) return []
  const reached = mergedRanges(unneeded.flatMap(({ part }) => part.becomes?.destination ?? part.destination))
  // Of a rule that names no destination what counts is what lies inside.
  const targets = cards.has(ruleSet.vendor) ? reached : commonRanges(reached, insideOf(audited))
  const isOwn = audited.site !== undefined && meetRanges(targets, audited.site.inside)
  const severity: Severity = grave.length > 0 ? 'high' : isOwn ? 'medium' : 'low'
  const texts = rangeTexts(targets)
  const protocols = [...new Set(unneeded.map(({ part }) => (part.protocol === 17 ? 'udp' : 'tcp')))].join(' and ')
  const portWords = portTexts(ports)
  const isCard = cards.has(ruleSet.vendor)
  return [
    {
      code: 'open-inbound',
      severity,
      what: `"${step.rule}" of ${label} lets anybody on the internet to ${listed(texts.slice(0, 3), Math.max(0, texts.length - 3))}, ${protocols} ${listed(portWords.slice(0, 4), Math.max(0, portWords.length - 4))}`,
      where: step.span === undefined ? {} : { file: step.span.file, line: step.span.line },
      why: `${grave.length > 0 ? `${grave.slice(0, 4).join(', ')} ${grave.length === 1 ? 'is a port' : 'are ports'} of administration or of files; n` : 'n'}o flow of the plan needs it: what Entra ID, Connect and the agents do they open from inside${isCard ? ' (it counts where the machine has a public address)' : ''}`,
      next: 'take it out, or narrow its source to who needs it; where it is published on purpose, write it under flows: of the site file with from: internet',
      flows: [],
    },
  ]
}

/** Ports of a part that no planned flow from outside comes in by. */
function withoutNeeded(
  { ports, destination, becomes, protocol }: JudgedPart,
  audited: Audited,
): readonly NumberRange[] {
  const needed = [...audited.flows]
    .filter(({ expect, asked }) => expect === 'open' && (asked.transport === 'udp') === (protocol === 17))
    .filter(({ asked }) => asked.source.some((range) => !isWithinRanges([range], privateRanges)))
    .filter(({ asked }) => {
      const to = asked.destination ?? []
      return meetRanges(to, destination) || meetRanges(to, becomes?.destination ?? [])
    })
    .flatMap(({ asked }) => asked.ports)
  const byPlan = (audited.site?.planned ?? [])
    .filter(({ expect, direction }) => expect === 'open' && direction === 'inbound-internet')
    .filter(({ target }) =>
      meetRanges(
        target.address === undefined ? [] : rangesOfPrefix(target.address),
        becomes?.destination ?? destination,
      ),
    )
    .flatMap(({ target: { port } }) => (port === null ? [] : [{ first: port, last: port }]))
  const all = [...needed, ...byPlan]
  // What is published on another port is needed where the machine behind is.
  if (becomes?.ports !== undefined && portsWithout(becomes.ports, all).length === 0) return []
  return portsWithout(ports, all)
}

function portsWithout(ports: readonly NumberRange[], others: readonly NumberRange[]): readonly NumberRange[] {
  return others.reduce<readonly NumberRange[]>(
    (left, { first, last }) =>
      left.flatMap((range): NumberRange[] => {
        if (last < range.first || first > range.last) return [range]
        return [
          ...(range.first < first ? [{ first: range.first, last: first - 1 }] : []),
          ...(range.last > last ? [{ first: last + 1, last: range.last }] : []),
        ]
      }),
    ports,
  )
}

function distinct(ranges: readonly NumberRange[]): readonly NumberRange[] {
  const merged: NumberRange[] = []
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1)
    if (before === undefined || before.last + 1 < range.first) merged.push(range)
    else if (range.last > before.last) merged[merged.length - 1] = { first: before.first, last: range.last }
  }
  return merged
}
