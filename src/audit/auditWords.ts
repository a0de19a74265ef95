import type { AuditDependency, AuditFlowReport, AuditPart, AuditStep } from '../model/auditReport.ts'
import { formatPortRange } from '../model/ports.ts'
import { checkOf } from './checkOf.ts'
import type { EndsSeen } from './endsSeen.ts'

/** A flow that was judged, before it is told in words. */
type Told = Omit<AuditFlowReport, 'says' | 'fix'>

/**
 * What is so, in one sentence, and what would mend it.
 *
 * @param seen the ends as the deciding device sees them, where a proxy stands before or behind it
 */
export function auditWords(
  flow: Told,
  part: AuditPart | undefined,
  seen: EndsSeen = {},
): Pick<AuditFlowReport, 'says' | 'fix'> {
  const says = saysOf(flow, part)
  const fix = flow.expect === 'closed' ? closingOf(flow, part, seen) : openingOf(flow, part, seen)
  return { says, ...(fix !== undefined && { fix }) }
}

function saysOf({ verdict, decidedBy, through, dependsOn }: Told, part: AuditPart | undefined): string {
  const last = decidedBy.at(-1)
  const by = last === undefined ? '' : ` by ${ruleWords(last)}`
  switch (verdict) {
    case 'allow':
      if (last?.does === 'routes') return `goes${by}: nothing on ${devicesOf(through)} forbids it${translated(part)}`
      return `allowed${by === '' ? `: nothing on ${devicesOf(through)} forbids it` : by}${translated(part)}`
    case 'deny': {
      const how = part?.denial === 'reject' ? 'rejected' : 'dropped'
      const what = last?.answer === true ? 'its answer is ' : last?.later === true ? 'what follows its answer is ' : ''
      return `${what}${how}${by}`
    }
    case 'may':
      return `depends on ${dependencyWords(dependsOn)}${last === undefined ? '' : `, at ${ruleWords(last)}`}`
    case 'misdirected':
      return `arrives at ${arrivalOf(part)} instead${by}`
    case 'no-path':
      return `leads nowhere${by === '' ? `: no route of ${devicesOf(through)} has its target` : by}`
    case 'unknown-ref':
      return `cannot be told: ${dependencyWords(dependsOn)}${last === undefined ? '' : `, at ${ruleWords(last)}`}`
    default:
      return verdict satisfies never
  }
}

function devicesOf(through: Told['through']): string {
  return [...new Set(through.map(({ device }) => device))].join(', ')
}

/** `rule 12 of edge (edge.nft:41)`; what a device does of itself has no line. */
export function ruleWords({ rule, stage, device, file, line }: AuditStep): string {
  const place = file === undefined ? '' : ` (${placeWords({ file, line })})`
  return `${rule} of ${device === stage ? device : `${device}, ${stage}`}${place}`
}

function placeWords({ file, line }: { readonly file: string; readonly line: number | undefined }): string {
  return line === undefined ? file : `${file}:${line}`
}

/** So many things that a verdict depends on stand in one sentence. */
const mostDependencies = 3

export function dependencyWords(dependsOn: readonly AuditDependency[]): string {
  const what = [...new Set(dependsOn.map((one) => one.what))]
  if (what.length === 0) return 'what the configuration does not say'
  const rest = what.length - mostDependencies
  return `${what.slice(0, mostDependencies).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`
}

function translated(part: AuditPart | undefined): string {
  const { destinations = [], sources = [], ports = [] } = part?.to ?? {}
  const target = [...destinations, ...ports.map((port) => `port ${port}`)]
  return [
    ...(target.length === 0 ? [] : [`; goes on to ${target.join(' ')}`]),
    ...(sources.length === 0 ? [] : [`; leaves as ${sourceWords(sources)}`]),
  ].join('')
}

/** Of an address that the device takes at that time (masquerading) its files have nothing. */
export const unsaidSource = 'an address of the device that its files do not have'

function sourceWords(sources: readonly string[]): string {
  return sources.includes('any') ? unsaidSource : shortly(sources)
}

function arrivalOf(part: AuditPart | undefined): string {
  const { destinations = [], ports = [] } = part?.to ?? {}
  const told = [...(destinations.length === 0 ? [] : [shortly(destinations)]), ...ports.map((port) => `port ${port}`)]
  return told.length === 0 ? 'another place' : told.join(' ')
}

function openingOf(flow: Told, part: AuditPart | undefined, seen: EndsSeen): string | undefined {
  const { verdict, decidedBy, target, to, parts } = flow
  const last = decidedBy.at(-1)
  switch (verdict) {
    case 'allow':
      return undefined
    case 'deny': {
      if (last?.answer === true) return `let the answers pass that ${ruleWords(last)} denies`
      if (last?.later === true) return `let what is established pass, both ways, before ${ruleWords(last)}`
      return `allow ${endsWords(target, to, part, seen)}${onlyWhere(target, parts, seen)}${beforeWords(last)}`
    }
    case 'misdirected':
      if (last?.does === 'routes') return `correct where ${ruleWords(last)} leads`
      return last === undefined ? undefined : `correct the translation ${ruleWords(last)}`
    case 'no-path':
      return `add a route to ${seen.target === undefined ? (target.address ?? target.pattern ?? target.name ?? to) : shortly(seen.target.destinations)}${last === undefined ? '' : ` on ${last.device}`}`
    case 'unknown-ref':
      return last === undefined ? undefined : `define what ${ruleWords(last)} refers to`
    case 'may':
      return settlingOf(flow)
    default:
      return verdict satisfies never
  }
}

/** What would settle a doubt, where something can be given that does. */
function settlingOf(flow: Told): string | undefined {
  const kinds = new Set(flow.dependsOn.map(({ kind }) => kind))
  if (kinds.has('unread')) return 'read the statements that were not understood: they stand in the coverage'
  if (kinds.has('tag')) return 'give the table of tags: --tags ServiceTags_Public_DATE.json'
  if (kinds.has('names'))
    return 'give the addresses of the names: --names FILE as they are resolved there, or --tags FILE as Microsoft lists them'
  if (kinds.has('place'))
    return 'say what lies where: interfaces: of the device in the site file, --in and --out-if, or a file that has it'
  if (kinds.has('reference')) return 'give the file that defines it as well'
  return kinds.size === 0 ? undefined : `prove it on the wire: ${checkOf(flow)}`
}

/** Where a rule goes: before the one that denies; what a device does of itself is no line to go before. */
function beforeWords(last: AuditStep | undefined): string {
  if (last === undefined) return ''
  return last.file === undefined
    ? ` on ${last.device}, where no rule allows it yet`
    : ` on ${last.device}, before ${last.rule}`
}

/** Of a name of which some addresses pass already: where it does not. */
function onlyWhere({ name, pattern }: Told['target'], parts: readonly AuditPart[], { target }: EndsSeen): string {
  const of = (isDenied: boolean): readonly string[] =>
    parts.flatMap(({ verdict, for: ends }) => ((verdict === 'deny') === isDenied ? ends.destinations : []))
  const [denied, others] = [new Set(of(true)), of(false)]
  const called = pattern ?? name
  const tellsThem = others.length > 0 && !others.some((one) => denied.has(one))
  return called === undefined || target !== undefined || !tellsThem ? '' : ` (where it is ${shortly([...denied])})`
}

function closingOf(flow: Told, part: AuditPart | undefined, seen: EndsSeen): string | undefined {
  const { verdict, decidedBy, target, to } = flow
  const last = decidedBy.at(-1)
  switch (verdict) {
    case 'allow':
    case 'misdirected': {
      const narrower = part === undefined ? '' : ` so that it leaves out ${partWords(part, seen)}`
      return last === undefined ? 'forbid it' : `take out ${ruleWords(last)}, or narrow it${narrower}`
    }
    case 'may':
    case 'unknown-ref': {
      const settling = settlingOf(flow)
      const where = last === undefined ? '' : ` on ${last.device}${last.does === 'may' ? `, before ${last.rule}` : ''}`
      return `deny ${endsWords(target, to, part, seen)}${where}${settling === undefined ? '' : `; or ${settling}`}`
    }
    case 'deny':
    case 'no-path':
      return undefined
    default:
      return verdict satisfies never
  }
}

/** `tcp 10.1.0.10 -> 10.1.0.5:636`: what a rule would have to say. */
function endsWords(
  { name, pattern, address, port, range, transport, plannedPort }: Told['target'],
  to: string,
  part: AuditPart | undefined,
  seen: EndsSeen,
): string {
  const from = openerWords(part?.for.sources ?? [], seen)
  if (seen.target !== undefined) return `tcp ${from} -> ${proxyWords(seen.target, seen.proxy)}`
  const where = pattern ?? (address === undefined ? (name ?? to) : address)
  const number = plannedPort ?? port
  const ports = number !== null ? `:${number}` : range === undefined ? '' : `:${formatPortRange(range)}`
  return `${transport} ${from} -> ${bracketed(where)}${ports}`
}

/** What a part is, where the device stands that decides it. */
function partWords({ for: { sources, destinations, protocol, ports } }: AuditPart, seen: EndsSeen): string {
  const from = openerWords(sources, seen)
  if (seen.target !== undefined) return `tcp ${from} -> ${proxyWords(seen.target, seen.proxy)}`
  const port = ports.length === 0 ? '' : `:${shortly(ports)}`
  return `${protocol} ${from} -> ${shortly(destinations)}${port}`
}

/** `10.1.20.40 (egress)`: behind a proxy it is the proxy that opens. */
function openerWords(sources: readonly string[], { sources: proxied, proxy }: EndsSeen): string {
  return proxied === undefined ? shortly(sources) : `${shortly(proxied)}${proxy === undefined ? '' : ` (${proxy})`}`
}

function proxyWords({ destinations, ports }: NonNullable<EndsSeen['target']>, proxy: string | undefined): string {
  return `${bracketed(shortly(destinations))}:${shortly(ports)}${proxy === undefined ? '' : ` (${proxy})`}`
}

function bracketed(where: string): string {
  return where.includes(':') ? `[${where}]` : where
}

/** So many ranges stand in one sentence. */
const mostRanges = 3

function shortly(texts: readonly string[]): string {
  const rest = texts.length - mostRanges
  return `${texts.slice(0, mostRanges).join(',')}${rest > 0 ? ` and ${rest} more` : ''}`
}
