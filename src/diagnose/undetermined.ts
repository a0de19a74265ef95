import type { CauseCode } from '../model/cause.ts'
import type { Stop } from './attempts.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { captureAt, duration, hostOf, listed, placeOf } from './wording.ts'

/**
 * What is said when nothing accuses: what was seen, which causes it leaves open, and what to run to tell them apart.
 */
export function undetermined(seen: Seen, stop: Stop): Match {
  const { says, alternatives, nextProbe } = openQuestion(seen, stop)
  return { confidence: 'undetermined', says, alternatives, nextProbe, decidedBy: idsOf(stop.failed) }
}

interface OpenQuestion {
  readonly says: string
  readonly alternatives: readonly CauseCode[]
  readonly nextProbe: string
}

function openQuestion(seen: Seen, stop: Stop): OpenQuestion {
  const { flow, address } = seen
  const place = placeOf(flow)
  const capture = captureAt(address, flow.target)
  switch (stop.phase) {
    case 'name': {
      const outcomes = listed(stop.failed.map(({ outcome }) => outcome))
      return {
        says: `${flow.target.name ?? place} could not be resolved (${outcomes}), and no other resolver was heard`,
        alternatives: ['resolver-unreachable', 'udp-only-filtered', 'resolver-filters', 'no-local-network'],
        nextProbe: 'name a control resolver in the site file (resolvers.control) and run this again',
      }
    }
    case 'connect':
      return openConnect(seen, stop, place, capture)
    case 'tls':
      return openHandshake(seen, stop, place, capture)
    case 'http':
      return {
        says: `${place} takes the request and ends without an answer (${listed(stop.failed.map(({ outcome }) => outcome))})`,
        alternatives: ['payload-dropped', 'not-the-service', 'silent-service'],
        nextProbe: `put the same request on ${hostOf(flow)} itself`,
      }
    case 'dns': {
      const silent = flow.target.transport === 'udp' ? 'udp-only-filtered' : 'filtered-silently'
      return {
        says: `${place} does not answer a DNS question (${listed(stop.failed.map(({ outcome }) => outcome))}), and no other resolver or transport was heard`,
        alternatives: ['resolver-unreachable', silent, 'silent-service', 'no-route'],
        nextProbe: 'ask the same over the other transport, and another name server from this machine',
      }
    }
    case 'udp':
      return {
        says: `${place} does not answer a valid datagram; UDP leaves open whether it arrived`,
        alternatives: ['udp-only-filtered', 'no-route', 'silent-service'],
        nextProbe: `ask the same service over TCP; ${capture}`,
      }
    default:
      return stop satisfies never
  }
}

function openConnect(
  { sameHostSilent, elsewhereDead, address, flow }: Seen,
  { failed }: Extract<Stop, { phase: 'connect' }>,
  place: string,
  capture: string,
): OpenQuestion {
  const outcomes = new Set(failed.map(({ outcome }) => outcome))
  const codes = listed(failed.map(({ code, outcome }) => code ?? outcome))
  if (outcomes.has('host-unreachable') || outcomes.has('net-unreachable')) {
    return {
      says: `${place} is called unreachable (${codes}); that one word has several causes, and no control separates them`,
      alternatives: ['no-route', 'admin-prohibited', 'split-tunnel-excludes'],
      nextProbe: `traceroute -T -p ${flow.target.port ?? 443} ${address ?? hostOf(flow)}, and any other port of the same host`,
    }
  }
  if (outcomes.has('timeout')) {
    const waited = duration(Math.max(...failed.map(({ ms }) => ms)))
    const also = [
      ...sameHostSilent.map(({ what }) => what),
      ...elsewhereDead.map((one) => `${one.port} on ${one.address}`),
    ]
    return {
      says: `${place} stays silent (${waited})${also.length > 0 ? `, and so does ${listed(also)}` : ''}; nothing comparable answered`,
      alternatives: ['filtered-silently', 'no-route', 'no-local-network'],
      nextProbe: `check another port of the same host, and the same port of another host; ${capture}`,
    }
  }
  return {
    says: `the connection to ${place} failed in a way that names no cause (${codes})`,
    alternatives: ['split-tunnel-excludes', 'admin-prohibited', 'tool-limit'],
    nextProbe: capture,
  }
}

function openHandshake(
  { otherServerNames }: Seen,
  { failed }: Extract<Stop, { phase: 'tls' }>,
  place: string,
  capture: string,
): OpenQuestion {
  const bytesOut = Math.max(0, ...failed.map((one) => one.bytesOut))
  const bytesIn = Math.max(0, ...failed.map((one) => one.bytesIn))
  const heard = `${bytesOut} octets out, ${bytesIn} in`
  const outcomes = new Set(failed.map(({ outcome }) => outcome))
  const control =
    otherServerNames.length > 0 ? 'another name to the same address fares no better' : 'no other name was tried there'
  const nextProbe = otherServerNames.length > 0 ? capture : 'send another name to the same address and port'
  if (outcomes.has('timeout')) {
    return {
      says: `${place} accepts the connection and leaves the ClientHello unanswered (${heard}); ${control}`,
      alternatives:
        otherServerNames.length > 0
          ? ['pmtu-black-hole', 'asymmetric-path', 'payload-dropped', 'silent-service']
          : ['sni-filter', 'pmtu-black-hole', 'asymmetric-path', 'payload-dropped', 'silent-service'],
      nextProbe,
    }
  }
  if (outcomes.has('reset') || outcomes.has('closed')) {
    return {
      says: `${place} ends the connection after the ClientHello (${heard}); ${control}`,
      alternatives:
        otherServerNames.length > 0
          ? ['not-the-service', 'payload-dropped', 'tls-parameters']
          : ['sni-filter', 'not-the-service', 'payload-dropped', 'tls-parameters', 'big-clienthello'],
      nextProbe,
    }
  }
  const words = listed(
    failed.map(({ alert, code, outcome }) => (alert ? `alert ${alert.number} (${alert.name})` : (code ?? outcome))),
  )
  return {
    says: `the TLS handshake with ${place} failed: ${words}`,
    alternatives: ['tls-parameters', 'tls-version', 'not-the-service'],
    nextProbe: 'offer other versions and suites: openssl s_client -tls1_2, -tls1_3',
  }
}
