import type { NameLookup, Observation } from '../model/observation.ts'
import { isTunnel } from '../model/observation.ts'
import type { Timing } from '../model/report.ts'

/**
 * Where the time of one flow's own probe went. Look-ups count from the first question to the last answer, since a silent
 * resolver is waited for before the next is asked, as long as nobody else has answered; a tunnel is part of the connection.
 */
export function timingOf(observations: readonly Observation[]): Timing {
  const lookups: NameLookup[] = []
  let connectMs: number | null = null
  let tunnelMs: number | null = null
  let tlsMs: number | null = null
  let firstByteMs: number | null = null
  for (const observation of observations) {
    if (observation.role !== 'probe') continue
    switch (observation.kind) {
      case 'name-lookup':
        if (observation.resolverRole === 'target') firstByteMs ??= observation.ms
        else lookups.push(observation)
        break
      case 'tcp-connect':
        if (observation.outcome === 'connected') connectMs ??= observation.ms
        break
      case 'tls-handshake':
        if (observation.outcome === 'established') tlsMs ??= observation.ms
        break
      case 'http-exchange':
        if (observation.method !== 'CONNECT') firstByteMs ??= observation.firstByteMs ?? null
        else if (connectMs !== null && tunnelMs === null && isTunnel(observation)) tunnelMs = observation.ms
        break
      case 'service-exchange':
      case 'udp-exchange':
        if (observation.outcome === 'answer') firstByteMs ??= observation.ms
        break
      case 'aia-fetch':
      case 'revocation-check':
      case 'packet-evidence':
      case 'path-trace':
      case 'connect-series':
      case 'tool-limit':
        break
      default:
        observation satisfies never
    }
  }
  const awaited = lookups.filter((one) => !isOvertaken(one, lookups)).map(spanOf)
  const dnsMs =
    lookups.length === 0
      ? null
      : tenths(Math.max(...awaited.map(({ to }) => to)) - Math.min(...lookups.map((one) => spanOf(one).from)))
  return { dnsMs, connectMs: connectMs === null ? null : tenths(connectMs + (tunnelMs ?? 0)), tlsMs, firstByteMs }
}

/** Whether another resolver had settled the same question before this one's wait was over: then nobody waited for its end. */
function isOvertaken(one: NameLookup, all: readonly NameLookup[]): boolean {
  if (one.outcome !== 'timeout') return false
  const isSooner = (other: NameLookup): boolean => spanOf(other).to < spanOf(one).to
  return all.some(
    (other) =>
      other.name === one.name &&
      other.type === one.type &&
      other.resolver !== one.resolver &&
      (other.rcode === 0 || other.rcode === 3) &&
      isSooner(other),
  )
}

/** From when to when, in milliseconds since 1970. */
function spanOf({ at, ms }: Observation): { from: number; to: number } {
  const from = Date.parse(at)
  return { from, to: from + ms }
}

/** To a tenth of a millisecond, as observations are. */
function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
}
