import { rankOf, well } from '../../check/compare.ts'
import type { FlowReport } from '../../model/report.ts'
import type { Sample } from '../../model/sample.ts'
import type { Measure, Reading } from '../../model/series.ts'

/** One look at one flow, as it is kept. */
export interface Seen {
  readonly sample: Sample
  readonly readings: readonly Reading[]
  readonly report: FlowReport
}

/**
 * What a look at a flow came to.
 *
 * @param key of the flow as it was planned
 * @param startedAt of the look, milliseconds since 1970: for what has no observation of its own
 * @returns undefined where nothing was learnt: it was not asked, or this machine could not
 */
export function seenOf(key: string, report: FlowReport, startedAt: number): Seen | undefined {
  const { verdict, cause, confidence, timing, target, evidence } = report
  const isWell = wellness(report)
  if (isWell === undefined) return undefined
  const probes = evidence.filter(({ role }) => role === 'probe')
  const certificate = probes.findLast((seen) => seen.kind === 'tls-handshake')?.chain[0]?.sha256
  const at = probes[0] === undefined ? startedAt : Date.parse(probes[0].at)
  const sample: Sample = {
    key,
    at,
    verdict,
    ...(cause !== undefined && { cause }),
    confidence,
    timing,
    ...(target.address !== undefined && { address: target.address }),
    ...(certificate !== undefined && { certificate: certificate.toLowerCase() }),
    isWell,
  }
  return { sample, readings: readingsOf(sample), report }
}

/** Whether a flow stands as the plan wants it; undefined where the look says nothing about that. */
function wellness({ verdict, expect, cause, target }: FlowReport): boolean | undefined {
  // Spared since what it stands in for works: that is how it is to be.
  if (verdict === 'not-required') return true
  // What this machine or this program cannot do is no word about the path.
  if (cause === 'tool-limit' || target.undialled !== undefined) return undefined
  // What must be closed and could not be asked, as where its name has no address, is not open either.
  if (verdict === 'unknown' && expect === 'closed') return undefined
  const rank = rankOf({ verdict, expect })
  return rank === undefined ? undefined : rank >= well
}

const phases = [
  ['dns-ms', 'dnsMs'],
  ['connect-ms', 'connectMs'],
  ['tls-ms', 'tlsMs'],
  ['first-byte-ms', 'firstByteMs'],
] as const satisfies readonly (readonly [Measure, keyof Sample['timing']])[]

/** Durations of what was answered: what is lost is lost, and never a large number. */
function readingsOf({ key, at, timing, isWell }: Sample): readonly Reading[] {
  const readings: Reading[] = []
  let wholeMs = 0
  for (const [measure, phase] of phases) {
    const value = timing[phase]
    if (value === null) continue
    wholeMs += value
    readings.push({ subject: key, measure, at, value })
  }
  if (isWell && readings.length > 0) readings.push({ subject: key, measure: 'whole-ms', at, value: wholeMs })
  return readings
}

/** Of two looks at one flow, as at both families of its name, the one that stands worse. */
export function worseOf(one: Seen, other: Seen): Seen {
  return (rankOf(other.report) ?? well) < (rankOf(one.report) ?? well) ? other : one
}
