import type { Flow } from '../model/flow.ts'
import { hostPort } from '../model/hostPort.ts'
import type { ServiceExchange, TcpConnect } from '../model/observation.ts'
import { coversNamedPorts, interfacesByPort, isDynamicRange, isMapperAlone, namedPorts } from './endpointPorts.ts'
import { bannerIn } from './listener.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { answersOf, isNoMapper } from './serviceAnswers.ts'
import { emptyReason, portWords, reasonOf } from './serviceProof.ts'
import { foreignOctets } from './serviceRules.ts'
import { captureAt, duration, hostOf, listed, placeOf } from './wording.ts'

/**
 * A range of ports that an endpoint mapper hands out is judged by the ports that it names and by nothing else. That the
 * mapper itself is not reached is the trouble of its own port, and told there. A mapper that was typed as a TARGET is
 * judged by the ports that it names as well, since nothing else does.
 */
export const rpcRangeRules: readonly Rule[] = [
  { cause: 'undetermined', match: mapperUnheard },
  { cause: 'epm-restricted', match: epmRestricted },
  { cause: 'not-the-service', match: otherAtPort },
  { cause: 'rpc-dynamic-blocked', match: dynamicBlocked },
  { cause: 'undetermined', match: portUnproven },
]

/** As it is asked: a mapper may listen elsewhere in a laboratory. */
function mapperOf({ connects, services }: Seen): string {
  const port = [...services.worked, ...services.failed, ...connects.worked, ...connects.failed][0]?.port ?? 135
  return `${port}/tcp`
}

function mapperUnheard(seen: Seen): Match | undefined {
  const { stop, flow } = seen
  if (!isDynamicRange(flow) || (stop?.phase !== 'connect' && stop?.phase !== 'service')) return undefined
  const tried: readonly (TcpConnect | ServiceExchange)[] = stop.failed
  const isRehearsed = tried.every((one) => bannerIn(one) !== undefined)
  const how = isRehearsed
    ? 'is answered by a listener of Postern’s'
    : listed(tried.map((one) => unheardWords[one.outcome] ?? one.code ?? one.outcome))
  const { name = seen.address ?? hostOf(flow), range } = flow.target
  return {
    confidence: 'undetermined',
    says: `${placeOf(flow)} could not be asked: the endpoint mapper alone says which of these ports are served, and ${mapperOf(seen)} on the same host ${how}`,
    fix: isRehearsed
      ? `check this once the service itself answers on ${mapperOf(seen)}; until then check a port of the range by itself: tcp://${hostPort(name, range?.first ?? 49_152)}`
      : `mend ${mapperOf(seen)} first`,
    alternatives: ['rpc-dynamic-blocked', 'epm-restricted'],
    nextProbe: `postern check epm://${name} once ${mapperOf(seen)} answers`,
    decidedBy: idsOf(stop.failed),
  }
}

const unheardWords: Readonly<Partial<Record<TcpConnect['outcome'] | ServiceExchange['outcome'], string>>> =
  Object.freeze({
    refused: 'is refused',
    timeout: 'gives no answer',
    'host-unreachable': 'is called unreachable',
    'net-unreachable': 'is called unreachable',
    'admin-prohibited': 'is forbidden',
    'other-protocol': 'speaks another protocol',
    reset: 'ends the connection',
    closed: 'ends the connection',
  })

/** The mapper answers and names no port of any interface: which are served is not to be known without signing in. */
function epmRestricted(seen: Seen): Match | undefined {
  const { flow, services, address } = seen
  if (!isDynamicRange(flow) || namedPorts(services.worked).length > 0) return undefined
  const answers = answersOf(seen)
  const refused = answers.flatMap(({ id, answer }) => {
    if (isNoMapper(answer)) return []
    if (answer.kind === 'rpc-fault' || answer.kind === 'rpc-refused') return [{ id, why: reasonOf(answer) }]
    return answer.kind === 'no-endpoint' || answer.kind === 'endpoint' ? [{ id, why: emptyReason(answer) }] : []
  })
  const [first] = refused
  if (first === undefined) return undefined
  return {
    confidence: 'likely',
    says: `${mapperOf(seen)} on ${hostOf(flow)} answers and names none of the ports in ${placeOf(flow)} to who does not sign in (${listed(refused.map(({ why }) => why))}): policy, not network`,
    fix: `none on the network; that the ports are open is proven from an account that may ask, or read from the rules: tcp ${seen.from} -> ${address ?? hostOf(flow)}:${rangeText(seen)}`,
    alternatives: ['rpc-dynamic-blocked', 'not-the-service'],
    nextProbe: `on ${hostOf(flow)}: read the policy "Restrict unauthenticated RPC clients", and rpcdump or portqry -e 135 with an account`,
    decidedBy: idsOf(refused),
  }
}

function rangeText({ flow: { target } }: Seen): string {
  return target.range === undefined ? '49152-65535' : `${target.range.first}-${target.range.last}`
}

/** Something answers at a port that the mapper named, and it is no DCE/RPC. */
function otherAtPort({ flow, endpoints: { binds } }: Seen): Match | undefined {
  if (!coversNamedPorts(flow)) return undefined
  const odd = binds.filter(({ outcome }) => outcome === 'other-protocol')
  const [first] = odd
  if (first === undefined) return undefined
  return {
    confidence: 'certain',
    says: `${foreignOctets(atRange(flow), `${first.port}/tcp on ${hostOf(flow)}`, odd)}; the endpoint mapper names that port for ${listed(odd.map(({ of = 'an interface' }) => of))}`,
    fix: `find out what took port ${first.port} on ${hostOf(flow)}, or what stands in its place on the way`,
    alternatives: ['wrong-target-dnat'],
    nextProbe: `on ${hostOf(flow)}: who listens on ${first.port} (netstat -abno)?`,
    decidedBy: idsOf(odd),
  }
}

/** What stands at a port that is named is held against RPC, also where the flow is the mapper's own. */
function atRange(flow: Flow): Flow {
  return { ...flow, target: { ...flow.target, service: 'rpc' } }
}

const blockedBy: ReadonlySet<TcpConnect['outcome']> = new Set([
  'timeout',
  'refused',
  'reset',
  'host-unreachable',
  'net-unreachable',
  'admin-prohibited',
])

/** The mapper answers, and a port that it names does not take connections. */
function dynamicBlocked(seen: Seen): Match | undefined {
  const { flow, services, endpoints, address } = seen
  if (!coversNamedPorts(flow)) return undefined
  const byPort = interfacesByPort(namedPorts(services.worked))
  const open = new Set(endpoints.connects.filter(({ outcome }) => outcome === 'connected').map(({ port }) => port))
  const failed = endpoints.connects.filter(
    ({ outcome, port }) => blockedBy.has(outcome) && !open.has(port) && byPort.has(port),
  )
  const blocked = new Map([...byPort].filter(([port]) => failed.some((one) => one.port === port)))
  if (blocked.size === 0) return undefined
  const ports = [...blocked.keys()].toSorted((a, b) => a - b)
  const host = hostOf(flow)
  const how = listed(
    failed.map(({ outcome, ms }) =>
      outcome === 'timeout'
        ? `silent for ${duration(ms)}`
        : outcome === 'refused'
          ? 'refused'
          : (unheardWords[outcome] ?? outcome),
    ),
  )
  const passing = [...byPort.keys()].filter((port) => open.has(port)).toSorted((a, b) => a - b)
  const destination = flow.target.address ?? address ?? flow.target.name ?? host
  const refused = failed.every(({ outcome }) => outcome === 'refused' || outcome === 'reset')
  return {
    confidence: 'likely',
    says: `${mapperOf(seen)} on ${host} answers and names ${portWords(blocked)}: ${listed(ports.map(String))} ${ports.length > 1 ? 'are' : 'is'} ${how}${passing.length === 0 ? '' : `, and ${listed(passing.map(String))} ${passing.length > 1 ? 'are' : 'is'} open`}`,
    fix: `allow tcp ${seen.from} -> ${destination}:${rangeText(seen)}, or pin the services to fixed ports (now ${portWords(blocked)}) and allow those`,
    // A refusal may be the host's own: the service was restarted and has another port by now.
    alternatives: refused ? ['refused-by-host', 'refused-by-firewall'] : passing.length > 0 ? ['refused-by-host'] : [],
    nextProbe: captureAt(address, { ...flow.target, port: ports[0] ?? null }),
    decidedBy: idsOf(
      services.worked.filter(({ answer }) => answer?.kind === 'endpoint'),
      failed,
      endpoints.connects.filter(({ port }) => passing.includes(port)),
    ),
  }
}

/** A port that was named, and neither bound nor found shut: nothing is said of who is to blame. */
function portUnproven(seen: Seen): Match | undefined {
  const { flow, services, endpoints, address, unanswered } = seen
  if (!coversNamedPorts(flow) || seen.stop !== undefined || services.worked.length === 0) return undefined
  const heard = new Set(endpoints.binds.filter(({ outcome }) => outcome === 'answer').map(({ port }) => port))
  const byPort = interfacesByPort(namedPorts(services.worked))
  const left = new Map([...byPort].filter(([port]) => !heard.has(port)))
  if (byPort.size > 0 && left.size === 0) return undefined
  // A mapper that names nothing is proven all the same; what it keeps to itself leaves the range alone open.
  if (byPort.size === 0 && isMapperAlone(flow)) return undefined
  const quiet = endpoints.binds.filter(({ port, outcome }) => left.has(port) && outcome !== 'answer')
  const unsaid = byPort.size === 0
  const silent = quiet.length > 0 && quiet.every(({ outcome, bytesIn }) => outcome === 'timeout' && bytesIn === 0)
  const how = answersOf(seen).some(({ answer }) => isNoMapper(answer))
    ? `${mapperOf(seen)} on ${hostOf(flow)} speaks DCE/RPC and is no endpoint mapper, so that the ports are unknown`
    : unsaid
      ? `${mapperOf(seen)} on ${hostOf(flow)} is bound, and leaves the question for ports without an answer`
      : `${portWords(left)} ${quiet.length === 0 ? 'could not be asked' : silent ? 'take connections, and leave a bind without an answer' : `take connections, and end them without an answer (${listed(quiet.map(({ code, outcome }) => code ?? outcome))})`}`
  return {
    confidence: 'undetermined',
    says: `${placeOf(flow)}${isMapperAlone(flow) ? ' names ports, and one of them' : ''} is not proven: ${how}`,
    alternatives: unsaid
      ? ['epm-restricted', 'payload-dropped', 'silent-service']
      : ['silent-service', 'payload-dropped', 'rpc-dynamic-blocked'],
    nextProbe: captureAt(address, { ...flow.target, port: [...left.keys()][0] ?? null }),
    decidedBy: idsOf(services.worked, unanswered, quiet),
  }
}
