import type { StoodAs } from '../../model/changeReport.ts'
import type { Sample } from '../../model/sample.ts'
import type { Measure, Span } from '../../model/series.ts'
import type { HistoryStore } from '../../store/history/historyStore.ts'

/** Fewer readings have no median that is worth comparing. */
const fewestReadings = 20
/** A day of looks every five seconds, with what was repeated. */
const mostSamples = 40_000

export const comparedMeasures = [
  'dns-ms',
  'connect-ms',
  'tls-ms',
  'first-byte-ms',
  'discovery-ms',
  'authorize-ms',
  'token-ms',
  'sync-lag-ms',
] as const satisfies readonly Measure[]

/** How a subject stood in a time; undefined where nobody looked. */
export function stoodAs(
  store: Pick<HistoryStore, 'samples' | 'quantiles'>,
  subject: string,
  span: Span,
): StoodAs | undefined {
  const samples = store.samples(subject, span, mostSamples)
  const most = mostFrequent(samples)
  if (most === undefined) return undefined
  const medians: Partial<Record<Measure, number>> = {}
  for (const measure of comparedMeasures) {
    const [told] = store.quantiles(subject, measure, span, span.to - span.from, [0.5])
    const [median] = told?.values ?? []
    if (told !== undefined && told.count >= fewestReadings && median !== undefined) medians[measure] = median
  }
  return {
    looks: samples.length,
    notWell: samples.filter(({ isWell }) => !isWell).length,
    verdict: most.verdict,
    ...(most.cause !== undefined && { cause: most.cause }),
    addresses: distinct(samples.map(({ address }) => address)),
    certificates: distinct(samples.map(({ certificate }) => certificate)),
    medians,
  }
}

/** A look as most of them were; the newest of those that are as frequent. */
function mostFrequent(samples: readonly Sample[]): Sample | undefined {
  const counts = new Map<string, { count: number; readonly sample: Sample }>()
  for (const sample of samples.toReversed()) {
    const key = `${sample.verdict} ${sample.cause ?? ''}`
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { count: 1, sample })
    else known.count += 1
  }
  const [most] = [...counts.values()].toSorted((one, other) => other.count - one.count)
  return most?.sample
}

function distinct(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined))].toSorted()
}
