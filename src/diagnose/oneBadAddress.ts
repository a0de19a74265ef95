import type { CauseCode } from '../model/cause.ts'
import { hostPort } from '../model/hostPort.ts'
import type {
  HttpExchange,
  Observation,
  ServiceExchange,
  TcpConnect,
  TlsHandshake,
  UdpExchange,
} from '../model/observation.ts'
import type { Stop } from './attempts.ts'
import { ofKind } from './observations.ts'
import type { Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { wantingClientCertificate } from './tls.ts'
import { listed, placeOf } from './wording.ts'

/**
 * The resolver gives several addresses for the name, one of them fails each time and another one works as far as this one
 * was asked: the failure sticks to an address, and clients that try the next one get through.
 */
export const oneBadAddress: Rule = {
  cause: 'one-bad-node',
  match: (seen) => {
    const { stop, flow, address, lookups } = seen
    if (address === undefined || flow.target.address === undefined) return undefined
    const { port } = flow.target
    const failing = failingAt(seen, stop)
    if (stop === undefined || failing === undefined || failing.rows.length < stop.failed.length) return undefined
    const given = new Set(lookups.worked.flatMap(({ answers }) => answers))
    const strayed = strayedAddresses(seen)
    const working = failing.working.filter(
      (one) =>
        one.address !== address &&
        given.has(one.address) &&
        !strayed.has(one.address) &&
        isComparable(address, one.address, stop),
    )
    if (working.length === 0) return undefined
    const others = listed(working.map((one) => hostPort(one.address, port)))
    const how = listed(failing.rows.map(({ word }) => word))
    return {
      confidence: 'likely',
      says: `${placeOf(flow)} fails at ${hostPort(address, port)} (${how}), and ${others} under the same name ${new Set(working.map((one) => one.address)).size > 1 ? 'work' : 'works'}`,
      fix: `mend ${address}, or take it out of the records of ${flow.target.name ?? flow.to}; a rule that lets the others pass has to name it too`,
      alternatives: [...new Set(failing.rows.flatMap(({ alternatives }) => alternatives))],
      nextProbe: `postern check ${failing.scheme}://${hostPort(address, port)}`,
      decidedBy: idsOf(lookups.worked, stop.failed, working),
      ...(failing.rows.every(({ alternatives }) => alternatives.includes('not-the-service')) && { owner: 'host' }),
    }
  },
}

/**
 * Clients fall back from IPv6 to IPv4, so that a node which answers over IPv6 and fails is one of several to them. Where
 * nothing answers over IPv6 it may be lacking on the way as a whole, and the other way round nobody falls back.
 */
function isComparable(address: string, other: string, stop: Stop): boolean {
  const [isIpv6, isOtherIpv6] = [address.includes(':'), other.includes(':')]
  if (isIpv6 === isOtherIpv6) return true
  if (!isIpv6) return false
  if (stop.phase !== 'connect' && stop.phase !== 'udp') return true
  return stop.failed.every(({ outcome }) => outcome === 'refused' || outcome === 'reset')
}

/** Other addresses that take the connection, and then fail by themselves at what is asked of them. */
function strayedAddresses({ kinds, flow }: Seen): ReadonlySet<string> {
  const asked = [...kinds['service-exchange'], ...kinds['tls-handshake']].filter(
    (one) => one.varies === 'address' && one.port === flow.target.port,
  )
  const worked = new Set(
    asked.filter(({ outcome }) => outcome === 'answer' || outcome === 'established').map(({ address }) => address),
  )
  const failed = asked.filter(({ outcome }) => outcome !== 'aborted')
  return new Set(failed.flatMap(({ address }) => (worked.has(address) ? [] : [address])))
}

interface Failing {
  /** How each attempt failed, as far as that says anything about the address. */
  readonly rows: readonly Comparison[]
  /** What got further under the same name and port, at whatever address. */
  readonly working: readonly (Observation & { readonly address: string })[]
  /** What asks one address alone. */
  readonly scheme: string
}

function failingAt(seen: Seen, stop: Stop | undefined): Failing | undefined {
  const { flow, observations, kinds, otherAddresses, controlExchanges } = seen
  const { port } = flow.target
  switch (stop?.phase) {
    case 'connect':
      return {
        rows: stop.failed.flatMap(({ outcome }) => connectRows[outcome] ?? []),
        working: ofKind(observations, 'tcp-connect').filter((one) => one.outcome === 'connected' && one.port === port),
        scheme: 'tcp',
      }
    case 'tls':
      // A server that wants a certificate of the client has been reached, and is well.
      if (wantingClientCertificate(stop.failed).length > 0) return undefined
      return {
        rows: stop.failed.flatMap(({ outcome }) => handshakeRows[outcome] ?? []),
        working: otherAddresses.filter(
          (one) => one.outcome === 'established' && one.nameMatches !== false && one.port === port,
        ),
        scheme: 'tls',
      }
    case 'http':
      return {
        rows: stop.failed.flatMap(({ outcome }) => requestRows[outcome] ?? []),
        working: controlExchanges.filter(({ varies, url }) => varies === 'address' && url === stop.failed[0]?.url),
        scheme: flow.target.service === 'http' ? 'http' : 'https',
      }
    case 'service': {
      const [first] = stop.failed
      return {
        rows: stop.failed.flatMap(({ outcome }) => serviceRows[outcome] ?? []),
        working: kinds['service-exchange'].filter(
          (one) =>
            one.varies === 'address' && one.answer !== undefined && one.port === port && one.asked === first?.asked,
        ),
        scheme: flow.target.service,
      }
    }
    case 'udp': {
      const [first] = stop.failed
      return {
        rows: stop.failed.flatMap(({ outcome }) => datagramRows[outcome] ?? []),
        working: kinds['udp-exchange'].filter(
          (one) => one.varies === 'address' && one.port === port && one.asked === first?.asked && isServed(one),
        ),
        scheme: flow.target.service,
      }
    }
    default:
      return undefined
  }
}

/** Whether a datagram was answered by who does what is asked of it: some say that they do not. */
function isServed({ answer, time }: UdpExchange): boolean {
  return time?.kind === 'time' || (answer !== undefined && answer.kind !== 'no-netlogon')
}

interface Comparison {
  readonly word: string
  /** What a filter or a route that concerns this address alone would look like. */
  readonly alternatives: readonly CauseCode[]
}

/** How one address fails, as far as that says anything about it: a limit of this machine does not. */
const connectRows: Readonly<Partial<Record<TcpConnect['outcome'], Comparison>>> = {
  refused: { word: 'refused', alternatives: ['refused-by-host', 'refused-by-firewall'] },
  reset: { word: 'reset', alternatives: ['refused-by-host', 'refused-by-firewall'] },
  timeout: { word: 'silence', alternatives: ['filtered-silently', 'no-route'] },
  'host-unreachable': { word: 'host unreachable', alternatives: ['no-route', 'admin-prohibited'] },
  'net-unreachable': { word: 'network unreachable', alternatives: ['no-route', 'admin-prohibited'] },
}

const handshakeRows: Readonly<Partial<Record<TlsHandshake['outcome'], Comparison>>> = {
  alert: { word: 'a TLS alert', alternatives: ['tls-parameters', 'tls-version'] },
  reset: { word: 'reset after the ClientHello', alternatives: ['sni-filter', 'payload-dropped'] },
  closed: { word: 'ended after the ClientHello', alternatives: ['sni-filter', 'payload-dropped'] },
  timeout: { word: 'no answer to the ClientHello', alternatives: ['silent-service', 'pmtu-black-hole'] },
  'not-tls': { word: 'no TLS', alternatives: ['not-the-service', 'wrong-target-dnat'] },
  'local-refusal': { word: 'parameters that are too weak', alternatives: ['tls-parameters'] },
}

const serviceRows: Readonly<Partial<Record<ServiceExchange['outcome'], Comparison>>> = {
  timeout: { word: 'no answer to the question', alternatives: ['silent-service', 'payload-dropped'] },
  reset: { word: 'reset after the question', alternatives: ['payload-dropped'] },
  closed: { word: 'ended without an answer', alternatives: ['silent-service', 'payload-dropped'] },
  'other-protocol': { word: 'another protocol', alternatives: ['not-the-service', 'wrong-target-dnat'] },
}

const datagramRows: Readonly<Partial<Record<UdpExchange['outcome'], Comparison>>> = {
  refused: { word: 'refused', alternatives: ['refused-by-host', 'refused-by-firewall'] },
  timeout: { word: 'silence', alternatives: ['udp-only-filtered', 'filtered-silently', 'no-route'] },
  unreachable: { word: 'unreachable', alternatives: ['no-route', 'admin-prohibited'] },
}

const requestRows: Readonly<Partial<Record<HttpExchange['outcome'], Comparison>>> = {
  timeout: { word: 'no answer to the request', alternatives: ['silent-service', 'payload-dropped'] },
  reset: { word: 'reset after the request', alternatives: ['payload-dropped'] },
  closed: { word: 'ended without an answer', alternatives: ['payload-dropped', 'not-the-service'] },
  'not-http': { word: 'no HTTP', alternatives: ['not-the-service', 'wrong-target-dnat'] },
}
