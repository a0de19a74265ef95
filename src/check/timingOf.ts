import type { Observation } from '../model/observation.ts'
import type { Timing } from '../model/report.ts'

/** Where the time of one flow's own probe went; the slower of two look-ups counts, since both were waited for. */
export function timingOf(observations: readonly Observation[]): Timing {
  let dnsMs: number | null = null
  let connectMs: number | null = null
  let tlsMs: number | null = null
  let firstByteMs: number | null = null
  for (const observation of observations) {
    if (observation.role !== 'probe') continue
    switch (observation.kind) {
      case 'name-lookup':
        if (observation.resolverRole === 'target') firstByteMs ??= observation.ms
        else dnsMs = Math.max(dnsMs ?? 0, observation.ms)
        break
      case 'tcp-connect':
        if (observation.outcome === 'connected') connectMs ??= observation.ms
        break
      case 'tls-handshake':
        if (observation.outcome === 'established') tlsMs ??= observation.ms
        break
      case 'http-exchange':
        firstByteMs ??= observation.firstByteMs ?? null
        break
      case 'udp-exchange':
        if (observation.outcome === 'answer') firstByteMs ??= observation.ms
        break
      case 'aia-fetch':
      case 'revocation-check':
      case 'tool-limit':
        break
      default:
        observation satisfies never
    }
  }
  return { dnsMs, connectMs, tlsMs, firstByteMs }
}
