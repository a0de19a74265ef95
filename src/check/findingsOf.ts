import { endsKerberos, isServerItself, weaknessesOf } from '../diagnose/index.ts'
import type { Finding, Severity } from '../model/finding.ts'
import { severities } from '../model/finding.ts'
import { portText } from '../model/flow.ts'
import { hostPort } from '../model/hostPort.ts'
import type { NameLookup } from '../model/observation.ts'
import type { FlowReport, JudgementContext } from '../model/report.ts'
import { findingRows } from './findingRows.ts'
import { locatorFindings } from './locatorFindings.ts'
import { oldBuilds } from './oldBuilds.ts'
import { recordsOfNoCatalog, sameServers } from './sameServers.ts'
import { sharedPlaces } from './sharedPlaces.ts'
import { startTlsFindings } from './startTlsFindings.ts'

/**
 * What a person has to look at, one finding for one cause at one place: ten flows that fail at the same address for
 * the same reason are one finding with ten flows, and so are all flows that wait for one dead resolver or meet one proxy
 * that is down. A network where all is well has none.
 */
export function findingsOf(flows: readonly FlowReport[], context?: JudgementContext): readonly Finding[] {
  const found = new Map<string, Group>()
  const dead = deadResolvers(flows)
  const sharedPlaceOf = sharedPlaces(flows)
  const differing = differingSets(flows)
  const proxies = deadProxies(flows)
  const mappers = unheardMappers(flows)
  const findingFor = (flow: FlowReport) => findingOf(flow, sharedPlaceOf(flow) ?? placeOf(flow))
  const all = flows.flatMap((flow) => {
    const fails = flow.verdict === 'blocked' || flow.verdict === 'unknown'
    const proxied = fails && flow.expect === 'open' ? proxies.get(doorOf(flow)) : undefined
    const finding = findingFor(proxied ?? mapperOf(flow, mappers) ?? flow)
    return [...(finding === undefined ? [] : [finding]), ...weakIn(flow), ...deadIn(flow, dead)].map(
      (one) => [flow, one] as const,
    )
  })
  for (const [flow, finding] of [...all, ...differing]) {
    const target = placeOf(flow)
    const key = `${finding.code}|${finding.where.target}`
    const same = found.get(key)
    if (same === undefined) {
      found.set(key, { finding, flows: new Set([flow.flow]), targets: new Set([target]) })
      continue
    }
    same.flows.add(flow.flow)
    same.targets.add(target)
    if (rank(finding.severity) < rank(same.finding.severity)) same.finding = finding
  }
  const each = [...found.values()].map(({ finding, flows: ids, targets }) => ({
    ...finding,
    what: finding.what + alsoAt(targets),
    flows: [...ids],
  }))
  // A build that is too old to work comes before every port, and then a clock that ends Kerberos: no rule of a firewall
  // mends them.
  const builds = context === undefined ? [] : oldBuilds(context)
  const [clocks, others] = [each.filter(isClock), each.filter((one) => !isClock(one))]
  const behindStartTls = context === undefined ? [] : startTlsFindings(flows, context)
  return [
    ...builds,
    ...clocks,
    ...others,
    ...behindStartTls,
    ...sameServers(flows),
    ...recordsOfNoCatalog(flows),
    ...locatorFindings(flows),
  ].sort((a, b) => rank(a.severity) - rank(b.severity))
}

/**
 * Where the proxies are that do not answer, each with a flow that went by it: a flow to the proxy itself meets the same,
 * and is no trouble of its own.
 */
function deadProxies(flows: readonly FlowReport[]): ReadonlyMap<string, FlowReport> {
  return new Map(
    flows
      .filter(({ cause }) => cause === 'proxy-dead')
      .flatMap((flow) =>
        flow.evidence.flatMap((seen) =>
          seen.kind === 'tcp-connect' && seen.proxy !== undefined && flow.decidedBy.includes(seen.id)
            ? [[`tcp ${hostPort(seen.address, seen.port)}`, flow] as const]
            : [],
        ),
      ),
  )
}

/** Endpoint mappers that were not heard, by their addresses. */
function unheardMappers(flows: readonly FlowReport[]): ReadonlyMap<string, FlowReport> {
  return new Map(
    flows
      .filter(({ target, verdict, expect }) => target.service === 'epm' && verdict !== 'open' && expect === 'open')
      .flatMap((flow) => (flow.target.address === undefined ? [] : [[flow.target.address, flow] as const])),
  )
}

/** A range whose ports are unknown because its endpoint mapper is not heard: that is one trouble, and the mapper's. */
function mapperOf({ target, cause }: FlowReport, unheard: ReadonlyMap<string, FlowReport>): FlowReport | undefined {
  const isRange = target.service === 'rpc' && target.port === null
  return isRange && cause === 'undetermined' ? unheard.get(target.address ?? '') : undefined
}

function doorOf({ target: { transport, address = '', port } }: FlowReport): string {
  return `${transport} ${hostPort(address, port ?? 0)}`
}

/** What the server of a flow shows that will not do for long; not of one that is another than was meant. */
function weakIn(flow: FlowReport): readonly Finding[] {
  if (flow.expect === 'closed') return []
  const handshakes = flow.evidence.filter((seen) => seen.kind === 'tls-handshake')
  if (!isServerItself(flow, handshakes)) return []
  const target = placeOf(flow)
  return weaknessesOf(handshakes, target).map(({ code, what, next }) => {
    const { severity, why } = findingRows[code]
    return { code, severity, what, where: { flow: flow.flow, target }, why, next, flows: [flow.flow] }
  })
}

const unheard: ReadonlySet<NameLookup['outcome']> = new Set(['timeout', 'refused', 'unreachable'])

/** Resolvers of the site that answered nothing in the whole check, while another one of the site did. */
function deadResolvers(flows: readonly FlowReport[]): ReadonlySet<string> {
  const heard = new Map<string, boolean>()
  for (const { resolver, outcome } of flows.flatMap(internalLookups)) {
    heard.set(resolver, heard.get(resolver) === true || !unheard.has(outcome))
  }
  const isAnyHeard = [...heard.values()].includes(true)
  return new Set(isAnyHeard ? [...heard].flatMap(([resolver, answers]) => (answers ? [] : [resolver])) : [])
}

/** A question that was ended before its time says nothing of the resolver. */
function internalLookups({ evidence }: FlowReport): readonly NameLookup[] {
  return evidence.filter(
    (seen): seen is NameLookup =>
      seen.kind === 'name-lookup' &&
      seen.resolverRole === 'internal' &&
      seen.role !== 'context' &&
      seen.outcome !== 'aborted' &&
      seen.outcome !== 'tool-limit',
  )
}

/**
 * Service records that two name servers of the site give differently: clients find other domain controllers, as they
 * happen to ask the one or the other. Replication evens it out in minutes, so it is looked at twice before it is a fault.
 */
function differingSets(flows: readonly FlowReport[]): readonly (readonly [FlowReport, Finding])[] {
  const sets = new Map<string, Map<string, { readonly flow: FlowReport; readonly hosts: string }>>()
  for (const flow of flows) {
    for (const seen of flow.evidence) {
      if (seen.kind !== 'name-lookup' || seen.type !== 'SRV' || seen.outcome !== 'answer') continue
      if (seen.resolverRole !== 'target' || seen.role === 'context' || seen.truncated === true) continue
      const hosts = [...new Set(seen.answers.map((record) => record.toLowerCase()))].toSorted().join(', ')
      const byServer = sets.get(seen.name) ?? new Map()
      sets.set(seen.name, byServer.set(seen.resolver, { flow, hosts }))
    }
  }
  return [...sets].flatMap(([name, byServer]) => {
    const [[first, one] = [], ...others] = byServer
    const other = others.find(([, { hosts }]) => hosts !== one?.hosts)
    if (first === undefined || one === undefined || other === undefined) return []
    const [second, { flow, hosts }] = other
    const finding: Finding = {
      code: 'srv-incomplete',
      severity: 'low',
      what: `${name} is not the same everywhere: ${first} gives ${one.hosts}; ${second} gives ${hosts}`,
      where: { flow: one.flow.flow, target: name },
      why: 'clients find other domain controllers, as they happen to ask the one server or the other',
      next: 'run this again after a quarter of an hour; if it stays, look at the replication of the zone: dcdiag /test:dns',
      flows: [...new Set([one.flow.flow, flow.flow])],
    }
    return finding.flows.map((id) => [id === flow.flow ? flow : one.flow, finding] as const)
  })
}

/** One finding for a flow that waited for resolvers that do not answer, and got its address from another one. */
function deadIn(flow: FlowReport, dead: ReadonlySet<string>): readonly Finding[] {
  const asked = new Set(internalLookups(flow).map(({ resolver }) => resolver))
  return [...asked]
    .filter((resolver) => dead.has(resolver))
    .map((resolver) => ({
      code: 'resolver-unreachable',
      severity: 'low',
      what: `resolver ${resolver} answered nothing; another resolver of the site gave the names`,
      where: { flow: flow.flow, target: `resolver ${resolver}` },
      why: 'every name that it is asked for first waits for it, and nothing is left when the other one fails as well',
      next: `start the DNS service, allow udp and tcp 53 to it, or take it out of the list: postern check dns://${resolver}`,
      flows: [flow.flow],
    }))
}

interface Group {
  finding: Finding
  readonly flows: Set<string>
  /** The places of its flows, when the finding is about something that several of them share. */
  readonly targets: Set<string>
}

function alsoAt(targets: ReadonlySet<string>): string {
  return targets.size > 1
    ? ` (${targets.size} targets: ${[...targets].slice(0, 3).join(', ')}${targets.size > 3 ? ', …' : ''})`
    : ''
}

const rank = (severity: Severity): number => severities.indexOf(severity)

function findingOf(flow: FlowReport, target: string): Finding | undefined {
  const where = { flow: flow.flow, target }
  if (flow.expect === 'closed') {
    if (flow.verdict !== 'open') return undefined
    return {
      code: 'forbidden-flow-open',
      severity: findingRows['forbidden-flow-open'].severity,
      what: `${where.target} answers from ${flow.from} and must be closed`,
      where,
      why: flow.purpose,
      next: flow.fix ?? findingRows['forbidden-flow-open'].fix,
      flows: [flow.flow],
    }
  }
  const severity = severityOf(flow)
  if (severity === undefined) return undefined
  return {
    code: flow.cause ?? 'undetermined',
    severity,
    what: flow.says,
    where,
    why: `${flow.purpose} (${flow.necessity}, ${flow.table === 'own' ? 'the site file' : `row ${flow.flow}`})`,
    next: flow.fix ?? flow.nextProbe ?? `postern explain ${flow.cause ?? 'undetermined'}`,
    flows: [flow.flow],
  }
}

const isClock = ({ code }: Finding): boolean => code === 'clock-skew' || code === 'clock-wrong'

/** How bad a verdict is for a flow of this necessity; undefined for what is well or was not asked. */
function severityOf(flow: FlowReport): Severity | undefined {
  const { verdict, necessity } = flow
  if (endsKerberos(flow)) return 'high'
  switch (verdict) {
    case 'open':
    case 'not-run':
    case 'not-required':
      return undefined
    case 'degraded':
      return necessity === 'required' ? 'medium' : 'low'
    case 'blocked':
    case 'wrong':
      return necessity === 'required' ? 'high' : necessity === 'conditional' ? 'medium' : 'low'
    case 'unknown':
      return necessity === 'required' ? 'medium' : 'low'
    default:
      return verdict satisfies never
  }
}

function placeOf({ target }: FlowReport): string {
  const host = target.name ?? target.pattern ?? target.address ?? '?'
  const address = target.address !== undefined && target.address !== host ? ` (${target.address})` : ''
  return `${target.transport}/${portText(target) ?? 'any'} ${host}${address}`
}
