import { hostOf } from '../../diagnose/wording.ts'
import { formatCidr, parseAddress } from '../../model/cidr.ts'
import type { Flow } from '../../model/flow.ts'
import { flowKey, portText } from '../../model/flow.ts'
import { hostPort } from '../../model/hostPort.ts'
import type { NameLookup, Observation, PathTrace } from '../../model/observation.ts'
import type { Role } from '../../model/role.ts'
import { cloudRoles } from '../../model/role.ts'
import type { Leaning, Standing } from '../news.ts'

const outside: ReadonlySet<Role> = new Set([...cloudRoles, 'internet'])

/**
 * What a flow passes and rests on, as far as its plan and what was seen of it tell.
 *
 * @param flow as it was planned, or as it stands in a report: then with its evidence
 */
export function leaningOf(flow: Flow, evidence: readonly Observation[] = []): Leaning {
  const port = portText(flow.target)
  const isOutside = flow.direction === 'outbound-internet' || outside.has(flow.toRole)
  const region = flow.target.pattern ?? (outside.has(flow.toRole) ? flow.toRole : undefined)
  const proxyAt = proxyPlaceOf(evidence)
  const resolver = resolverOf(evidence)
  const address = flow.via === undefined ? (flow.target.address ?? dialledAddressOf(evidence)) : undefined
  const network = address === undefined || isOutside ? undefined : networkAround(address)
  const leaf = evidence.find((seen) => seen.kind === 'tls-handshake' && seen.role === 'probe' && seen.chain.length > 0)
  const [shown] = leaf?.kind === 'tls-handshake' ? leaf.chain : []
  const traces = evidence.filter((seen) => seen.kind === 'path-trace')
  const hops = traces.flatMap(passedBy)
  const stopsAt = lastWordOf(traces, address) ?? icmpSenderOf(evidence, address)
  return {
    from: flow.from,
    to: flow.to,
    host: hostOf(flow),
    isOutside,
    ...(port === undefined ? {} : { port: `${port}/${flow.target.transport}` }),
    ...(region === undefined ? {} : { region }),
    ...(flow.via === undefined ? {} : { via: flow.via }),
    ...(proxyAt === undefined ? {} : { proxyAt }),
    ...(resolver === undefined ? {} : { resolver }),
    ...(address === undefined ? {} : { address }),
    ...(network === undefined ? {} : { network }),
    ...(shown === undefined ? {} : { certificate: shown.sha256, issuer: shown.issuer }),
    ...(hops.length === 0 ? {} : { hops }),
    ...(stopsAt === undefined ? {} : { stopsAt }),
  }
}

/**
 * How a flow stands by one look.
 *
 * @param look when it was sent, what came of it, and the newest look before it that was well
 */
export function standingOf(
  flow: Flow,
  look: { readonly at: number; readonly isWell: boolean; readonly wellAt?: number },
  evidence: readonly Observation[] = [],
): Standing {
  const wellAt = look.isWell ? look.at : look.wellAt
  return {
    subject: flowKey(flow),
    title: titleOf(flow),
    isWell: look.isWell,
    at: look.at,
    ...(wellAt === undefined ? {} : { wellAt }),
    expect: flow.expect,
    on: leaningOf(flow, evidence),
  }
}

/** `t1-ldaps connect01 -> dc01:636/tcp`. */
export function titleOf(flow: Flow): string {
  const port = portText(flow.target)
  return `${flow.flow} ${flow.from} -> ${hostOf(flow)}${port === undefined ? '' : `:${port}`}/${flow.target.transport}`
}

/** How wide a network is taken to be that nobody has told: what one segment and one site usually have. */
const usualLength = { 4: 24, 6: 48 } as const

export function networkAround(text: string): string | undefined {
  const address = parseAddress(text)
  if (address === undefined) return undefined
  const { family, value } = address
  const prefixLength = usualLength[family]
  const free = BigInt((family === 4 ? 32 : 128) - prefixLength)
  return formatCidr({ family, first: (value >> free) << free, prefixLength })
}

const isAsked = (seen: Observation): seen is NameLookup =>
  seen.kind === 'name-lookup' && (seen.role === 'probe' || seen.role === 'repeat') && seen.resolverRole !== 'target'

/** A service of DNS that is to be proven, and does not answer: whoever asks it for names suffers from the same. */
const isSilentTarget = (seen: Observation): seen is NameLookup =>
  seen.kind === 'name-lookup' && seen.role === 'probe' && seen.resolverRole === 'target' && silent.has(seen.outcome)

const silent: ReadonlySet<NameLookup['outcome']> = new Set(['timeout', 'refused', 'unreachable'])

/** Who gave the name; where nobody did, who was asked first. */
function resolverOf(evidence: readonly Observation[]): string | undefined {
  const asked = evidence.filter(isAsked)
  return (asked.find(({ outcome }) => outcome === 'answer') ?? asked[0] ?? evidence.find(isSilentTarget))?.resolver
}

function dialledAddressOf(evidence: readonly Observation[]): string | undefined {
  for (const seen of evidence) {
    if (seen.role !== 'probe') continue
    if (seen.kind === 'tcp-connect' && seen.proxy === undefined) return seen.address
    if (seen.kind === 'udp-exchange') return seen.address
  }
  return undefined
}

function proxyPlaceOf(evidence: readonly Observation[]): string | undefined {
  const dialled = evidence.find((seen) => seen.kind === 'tcp-connect' && seen.proxy !== undefined)
  return dialled?.kind === 'tcp-connect' ? hostPort(dialled.address, dialled.port) : undefined
}

function passedBy({ outcome, address, hops }: PathTrace): readonly string[] {
  return outcome === 'reached' ? answering(hops, address) : []
}

function answering(hops: PathTrace['hops'], target: string | undefined): readonly string[] {
  return hops.flatMap((hop) => (hop.address === undefined || hop.address === target ? [] : [hop.address]))
}

function lastWordOf(traces: readonly PathTrace[], target: string | undefined): string | undefined {
  const ended = traces.find(({ outcome }) => outcome === 'silent' || outcome === 'stopped')
  return ended === undefined ? undefined : answering(ended.hops, target ?? ended.address).at(-1)
}

/** Who said that it goes no further (RFC 792: type 3; RFC 4443: type 1), where that was not the target itself. */
function icmpSenderOf(evidence: readonly Observation[], target: string | undefined): string | undefined {
  for (const seen of evidence) {
    if (seen.kind !== 'packet-evidence') continue
    const error = seen.icmp.find(
      ({ from, family, type }) => type === (family === 4 ? 3 : 1) && from !== target && from !== seen.address,
    )
    if (error !== undefined) return error.from
  }
  return undefined
}
