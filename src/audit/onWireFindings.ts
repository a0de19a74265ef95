import type { AuditOnWire } from '../model/auditOnWire.ts'
import type { AuditFlowReport, AuditStep } from '../model/auditReport.ts'
import type { Finding, Severity } from '../model/finding.ts'
import { severities } from '../model/finding.ts'
import { portText } from '../model/flow.ts'
import { hostPort } from '../model/hostPort.ts'
import { ruleWords } from './auditWords.ts'
import type { JoinedFlow } from './onWire.ts'
import { placeOnWire } from './placeOnWire.ts'

/** So many flows of one finding are named in it. */
const mostNamed = 4

/**
 * What is allowed on paper and kept back on the wire: something stands on the way that no path of the site file has, or
 * a device does what its configuration does not say. One finding for each place.
 *
 * @param named how an address is called in the site
 */
export function unknownDevices(
  joined: readonly JoinedFlow[],
  wire: AuditOnWire,
  named: (address: string) => string,
): readonly Finding[] {
  const kept = joined
    .filter(({ on }) => on.agreement === 'unknown-device')
    .map((one) => ({ ...one, place: placeOnWire(one.wire, named) }))
  const groups = Map.groupBy(kept, ({ wire: { from }, place }) => `${from}\n${place.says}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { place } = first
    const devices = [...new Set(group.flatMap(({ paper }) => paper.through.map(({ device }) => device)))]
    const fixes = [...new Set(group.flatMap(({ wire: { fix } }) => fix ?? []))]
    const isSure = first.on.confidence === 'certain' || first.on.confidence === 'likely'
    return [
      {
        code: 'unknown-device',
        severity: gravest(group.map(severityOf)),
        what: `something that the configurations do not have ${isSure ? 'keeps' : 'may keep'} ${flowsWords(group)} from passing: it stands ${place.says}`,
        where: whereOf(first),
        why: `On paper ${allowedWords(first.paper)}; on the wire, ${whenWords(wire)}: ${first.on.says} (${causeWords(first)}). ${doubtOf(first)}`,
        next: `find what stands there and add its configuration to devices: and paths: beside ${devices.join(', ')}, or read again what ${devices.join(', ')} runs${fixes.length === 0 ? '' : `; then ${fixes.slice(0, 2).join('; ')}`}`,
        flows: idsOf(group),
      },
    ]
  })
}

/**
 * What passes on the wire and is denied on paper, by the rule that denies it: the configuration at hand is not the one
 * that runs, or another way leads round its device. So is what a proxy denies that its configuration allows.
 */
export function configurationDiffers(joined: readonly JoinedFlow[], wire: AuditOnWire): readonly Finding[] {
  const differing = joined.filter(({ on }) => on.agreement === 'configuration-differs')
  const groups = Map.groupBy(differing, ({ paper }) => {
    const step = decidingOf(paper)
    return [paper.verdict, step?.device, step?.file, step?.line, step?.rule].join('\n')
  })
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { paper, on } = first
    const step = decidingOf(paper)
    const device = step?.device ?? paper.through.map((one) => one.device).join(', ')
    const isDenied = paper.verdict !== 'allow'
    return [
      {
        code: 'configuration-differs',
        severity: gravest(group.map(severityOf)),
        what: `what is at hand of ${device} is not what runs: ${flowsWords(group)} ${isDenied ? 'denied on paper, and open on the wire' : 'allowed on paper, and denied by the proxy'}`,
        where: {
          ...(step?.file !== undefined && { file: step.file }),
          ...(step?.file !== undefined && step.line !== undefined && { line: step.line }),
          ...whereOf(first),
        },
        why: `On paper ${isDenied ? `${paper.verdict === 'no-path' ? 'nothing leads on' : 'it is denied'}${step === undefined ? '' : `: ${ruleWords(step)}`}` : allowedWords(paper)}; on the wire, ${whenWords(wire)}: ${on.says} (${causeWords(first)}).`,
        next: `export the configuration of ${device} anew and audit it${isDenied ? ', and see that no other way (a second card, a tunnel, a proxy) leads round it' : ''}`,
        flows: idsOf(group),
      },
    ]
  })
}

function decidingOf({ decidedBy }: AuditFlowReport): AuditStep | undefined {
  return decidedBy.at(-1)
}

function allowedWords(paper: AuditFlowReport): string {
  const step = decidingOf(paper)
  return `it is allowed${step === undefined ? '' : ` by ${ruleWords(step)}`}`
}

function whenWords({ startedAt, from, isOld, ageDays }: AuditOnWire): string {
  const when = `${startedAt.slice(0, 16).replace('T', ' ')} UTC, seen from ${from}`
  return isOld ? `${when}, ${ageDays} days before this audit` : when
}

function causeWords({ on: { cause, verdict, confidence } }: JoinedFlow): string {
  return `${cause ?? verdict}, ${confidence}`
}

/** What else it could be where the wire is less sure than that. */
function doubtOf({ on: { cause, confidence } }: JoinedFlow): string {
  if (cause === 'no-route') return 'A missing route, or a host that is off, looks the same.'
  if (cause === 'wrong-target-dnat') return 'Something on the way translates it to another host.'
  return confidence === 'possible'
    ? 'The check is not sure: a second one with --capture tells more.'
    : 'A firewall of one of the two machines is such a device, too.'
}

function severityOf({ paper, on }: JoinedFlow): Severity {
  if (paper.expect === 'closed') return on.agreement === 'unknown-device' ? 'info' : 'high'
  const isSure = on.confidence === 'certain' || on.confidence === 'likely'
  const isElsewhere = on.cause === 'no-route' || on.cause === 'split-tunnel-excludes' || on.cause === 'asymmetric-path'
  if (on.agreement === 'unknown-device' && (!isSure || isElsewhere)) return 'medium'
  return paper.necessity === 'required' ? 'high' : 'medium'
}

function gravest(some: readonly Severity[]): Severity {
  return severities.find((one) => some.includes(one)) ?? 'info'
}

function flowsWords(group: readonly JoinedFlow[]): string {
  const told = [...new Set(group.map(({ paper }) => targetWords(paper)))]
  const rest = told.length - mostNamed
  return `${told.slice(0, mostNamed).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function targetWords({ target, to }: AuditFlowReport): string {
  const port = portText(target)
  return `${target.transport}${port === undefined ? '' : `/${port}`} ${target.pattern ?? target.name ?? target.address ?? to}`
}

function whereOf({ paper, wire }: JoinedFlow): { readonly flow: string; readonly target: string } {
  const { target, to } = paper
  const host = target.name ?? wire.target.address ?? to
  return { flow: paper.flow, target: hostPort(host, target.plannedPort ?? target.port) }
}

function idsOf(group: readonly JoinedFlow[]): readonly string[] {
  return [...new Set(group.map(({ paper }) => paper.flow))]
}
