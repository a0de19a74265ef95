import type {
  HttpExchange,
  NameLookup,
  Observation,
  ServiceExchange,
  TcpConnect,
  TlsHandshake,
  UdpExchange,
} from '../model/observation.ts'
import { zoneAsked } from '../probes/dns.ts'
import type { Question } from '../probes/probe.ts'

/** The last of each kind that a failed question gave, by which its symptom is told. */
export interface Symptom {
  /** The look-up that gave the address. */
  readonly lookup?: NameLookup
  /** The question to a name server, where that is what the flow is about. */
  readonly served?: Pick<NameLookup, 'name' | 'type' | 'transport'>
  readonly datagram?: Pick<UdpExchange, 'outcome'>
  readonly connect?: Pick<TcpConnect, 'outcome' | 'localAddress'>
  /** What the proxy said to the wish for a tunnel. */
  readonly tunnel?: HttpExchange
  readonly handshake?: TlsHandshake
  /** The probe's own repeat of the handshake where there is one, else the handshake: what came back is kept in the last. */
  readonly lastHandshake?: TlsHandshake
  /** Whether the probe has repeated its handshake. */
  readonly repeated: boolean
  /** The last question of the service's own protocol at the place that the question was put to, and what came of it. */
  readonly service?: ServiceExchange
  /** An endpoint mapper has named ports: what fails after that fails at one of them. */
  readonly named?: true
  readonly exchange?: HttpExchange
}

/** What a question comes to that nothing comes back for: what is known of its symptom while it still waits. */
export function symptomOfSilence(question: Question, names: readonly Observation[]): Symptom {
  const { address, transport, scheme } = question
  const known = symptomOf(names, address)
  if (scheme === 'dns') return { ...known, served: { ...zoneAsked(question), transport } }
  return transport === 'udp'
    ? { ...known, datagram: { outcome: 'timeout' } }
    : { ...known, connect: { outcome: 'timeout' } }
}

/** Whether nothing at all came back for a question: neither an octet nor a refusal. */
export function endedInSilence(seen: readonly Observation[]): boolean {
  return seen.length > 0 && seen.every((one) => 'outcome' in one && one.outcome === 'timeout')
}

/** @param address the one that the question was put to */
export function symptomOf(seen: readonly Observation[], address: string): Symptom {
  const last = <K extends Observation['kind']>(kind: K): Extract<Observation, { kind: K }> | undefined =>
    seen.findLast(
      (observation): observation is Extract<Observation, { kind: K }> =>
        observation.kind === kind && observation.role === 'probe',
    )
  const lookups = seen.filter((each) => each.kind === 'name-lookup' && each.role === 'probe') as NameLookup[]
  const type = address.includes(':') ? 'AAAA' : 'A'
  const lookup = lookups.find(
    (each) => each.resolverRole !== 'target' && each.type === type && each.answers.includes(address),
  )
  // The first is the question itself; what follows it (service records) was asked because it was answered.
  const served = lookups.find(({ resolverRole }) => resolverRole === 'target')
  const datagram = last('udp-exchange')
  const connect = last('tcp-connect')
  const handshake = last('tls-handshake')
  const shaken = seen.filter((each) => each.kind === 'tls-handshake')
  const lastHandshake = shaken.findLast(({ role }) => role === 'probe' || role === 'repeat')
  const exchanges = seen.filter((each) => each.kind === 'http-exchange' && each.role === 'probe') as HttpExchange[]
  const tunnel = exchanges.findLast(({ method }) => method === 'CONNECT')
  const exchange = exchanges.findLast(({ method }) => method !== 'CONNECT')
  const services = seen.filter((each) => each.kind === 'service-exchange' && each.role === 'probe') as ServiceExchange[]
  // What is asked of an endpoint mapper comes first; the ports that it names are another place.
  const service = services.findLast(({ port }) => port === services[0]?.port)
  return {
    ...(lookup && { lookup }),
    ...(served && { served }),
    ...(datagram && { datagram }),
    ...(connect && { connect }),
    ...(tunnel && { tunnel }),
    ...(handshake && { handshake }),
    ...(lastHandshake && { lastHandshake }),
    repeated: shaken.some(({ role }) => role === 'repeat'),
    ...(service && { service }),
    ...(services.some(({ answer }) => answer?.kind === 'endpoint') && { named: true }),
    ...(exchange && { exchange }),
  }
}
