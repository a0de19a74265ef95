import type { AuditDependency, AuditFlowReport, AuditPart, AuditStep } from '../model/auditReport.ts'
import { formatPortRange } from '../model/ports.ts'

/** A flow that was judged, before it is told in words. */
type Told = Omit<AuditFlowReport, 'says' | 'fix'>

/** What is so, in one sentence, and what would mend it. */
export function auditWords(flow: Told, part: AuditPart | undefined): Pick<AuditFlowReport, 'says' | 'fix'> {
  const says = saysOf(flow, part)
  const fix = flow.expect === 'closed' ? closingOf(flow, part) : openingOf(flow, part)
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
    ...(sources.length === 0 ? [] : [`; leaves as ${shortly(sources)}`]),
  ].join('')
}

function arrivalOf(part: AuditPart | undefined): string {
  const { destinations = [], ports = [] } = part?.to ?? {}
  const told = [...(destinations.length === 0 ? [] : [shortly(destinations)]), ...ports.map((port) => `port ${port}`)]
  return told.length === 0 ? 'another place' : told.join(' ')
}

function openingOf(
  { verdict, decidedBy, dependsOn, target, to }: Told,
  part: AuditPart | undefined,
): string | undefined {
  const last = decidedBy.at(-1)
  switch (verdict) {
    case 'allow':
      return undefined
    case 'deny': {
      if (last?.answer === true) return `let the answers pass that ${ruleWords(last)} denies`
      if (last?.later === true) return `let what is established pass, both ways, before ${ruleWords(last)}`
      const where = last === undefined ? '' : ` on ${last.device}, before ${last.rule}`
      return `allow ${endsWords(target, to, part)}${where}`
    }
    case 'misdirected':
      if (last?.does === 'routes') return `correct where ${ruleWords(last)} leads`
      return last === undefined ? undefined : `correct the translation ${ruleWords(last)}`
    case 'no-path':
      return `add a route to ${target.address ?? target.pattern ?? target.name ?? to}${last === undefined ? '' : ` on ${last.device}`}`
    case 'unknown-ref':
      return last === undefined ? undefined : `define what ${ruleWords(last)} refers to`
    case 'may':
      return settlingOf(dependsOn)
    default:
      return verdict satisfies never
  }
}

/** What would settle a doubt, where something can be given that does. */
function settlingOf(dependsOn: readonly AuditDependency[]): string | undefined {
  const kinds = new Set(dependsOn.map(({ kind }) => kind))
  if (kinds.has('unread')) return 'read the statements that were not understood: they stand in the coverage'
  if (kinds.has('tag')) return 'give the table of tags: --tags ServiceTags_Public_DATE.json'
  if (kinds.has('names'))
    return 'give the addresses of the names: --names FILE as they are resolved there, or --tags FILE as Microsoft lists them'
  if (kinds.has('place'))
    return 'say what lies where: interfaces: of the device in the site file, --in and --out-if, or a file that has it'
  if (kinds.has('reference')) return 'give the file that defines it as well'
  return kinds.size === 0 ? undefined : 'prove it on the wire: postern check'
}

function closingOf({ verdict, decidedBy }: Told, part: AuditPart | undefined): string | undefined {
  if (verdict !== 'allow' && verdict !== 'misdirected') return undefined
  const last = decidedBy.at(-1)
  const narrower = part === undefined ? '' : ` so that it leaves out ${partWords(part)}`
  return last === undefined ? 'forbid it' : `take out ${ruleWords(last)}, or narrow it${narrower}`
}

/** `tcp 10.1.0.10 -> 10.1.0.5:636`: what a rule would have to say. */
function endsWords(
  { name, pattern, address, port, range, transport, plannedPort }: Told['target'],
  to: string,
  part: AuditPart | undefined,
): string {
  const where = pattern ?? (address === undefined ? (name ?? to) : address)
  const number = plannedPort ?? port
  const ports = number !== null ? `:${number}` : range === undefined ? '' : `:${formatPortRange(range)}`
  return `${transport} ${shortly(part?.for.sources ?? [])} -> ${where.includes(':') ? `[${where}]` : where}${ports}`
}

export function partWords({ for: { sources, destinations, protocol, ports } }: AuditPart): string {
  const port = ports.length === 0 ? '' : `:${shortly(ports)}`
  return `${protocol} ${shortly(sources)} -> ${shortly(destinations)}${port}`
}

/** So many ranges stand in one sentence. */
const mostRanges = 3

function shortly(texts: readonly string[]): string {
  const rest = texts.length - mostRanges
  return `${texts.slice(0, mostRanges).join(',')}${rest > 0 ? ` and ${rest} more` : ''}`
}
