import type { Alert, Incident } from '../../src/model/incident.ts'
import type { Gap, Mark, Sample } from '../../src/model/sample.ts'
import type { Reading } from '../../src/model/series.ts'
import type { HistoryBatch, HistoryStore, KeptFailure, Spooled } from '../../src/store/history/historyStore.ts'

/** The contract of the history, in memory: what a watcher is tested with that needs no disk. */
export interface MemoryHistory extends HistoryStore {
  readonly kept: {
    readonly samples: Sample[]
    readonly readings: Reading[]
    readonly failures: KeptFailure[]
    readonly marks: Mark[]
    readonly gaps: Gap[]
  }
  readonly incidentsById: Map<string, Incident>
  readonly alerts: { readonly outlet: string; readonly alert: Alert }[]
  /** What writes throw from now on; undefined: nothing. */
  trouble: Error | undefined
}

/** @param words what was kept by an earlier process, which this one shares */
export function memoryHistory(words = new Map<string, string>()): MemoryHistory {
  const kept: MemoryHistory['kept'] = { samples: [], readings: [], failures: [], marks: [], gaps: [] }
  const incidents = new Map<string, Incident>()
  const spooled: Spooled[] = []
  const alerts: { readonly outlet: string; readonly alert: Alert }[] = []
  let number = 0
  const isIn = (at: number, { from, to }: { readonly from: number; readonly to: number }): boolean =>
    at >= from && at < to
  const history: MemoryHistory = {
    kept,
    incidentsById: incidents,
    alerts,
    trouble: undefined,
    async write({ samples = [], readings = [], failures = [], marks = [], gaps = [] }: HistoryBatch) {
      if (history.trouble !== undefined) throw history.trouble
      kept.samples.push(...samples)
      kept.readings.push(...readings)
      kept.failures.push(...failures)
      kept.marks.push(...marks)
      kept.gaps.push(...gaps)
    },
    latest: () => [...new Map(kept.samples.map((sample) => [sample.key, sample])).values()],
    samples: (key, span, most) =>
      kept.samples.filter((sample) => sample.key === key && isIn(sample.at, span)).slice(0, most),
    readings: (subject, measure, span, most) =>
      kept.readings
        .filter((one) => one.subject === subject && one.measure === measure && isIn(one.at, span))
        .slice(0, most),
    quantiles: () => [],
    tallies: () => [],
    failures: (span, key) =>
      kept.failures.filter((one) => isIn(one.at, span) && (key === undefined || one.key === key)),
    marks: (span) => kept.marks.filter(({ at }) => isIn(at, span)),
    gaps: (span) => kept.gaps.filter(({ from, to }) => from < span.to && to > span.from),
    async keepIncidents(some, told) {
      if (history.trouble !== undefined) throw history.trouble
      for (const incident of some) incidents.set(incident.id, incident)
      alerts.push(...told)
    },
    incident: (id) => incidents.get(id),
    incidents: (span, most) => [...incidents.values()].filter(({ since }) => isIn(since, span)).slice(0, most),
    openIncidents: () => [...incidents.values()].filter(({ state }) => state !== 'closed'),
    async spool(outlet, body, dueAt) {
      number += 1
      spooled.push({ number, outlet, tries: 0, dueAt, body })
    },
    due: (outlet, now, most) => spooled.filter((one) => one.outlet === outlet && one.dueAt <= now).slice(0, most),
    waiting: (outlet) => spooled.filter((one) => one.outlet === outlet).length,
    async sent(numbers) {
      for (const one of numbers) spooled.splice(spooled.findIndex((other) => other.number === one) >>> 0, 1)
    },
    async postpone() {},
    word: (name) => words.get(name),
    async keepWord(name, text) {
      words.set(name, text)
    },
    tidy: async () => ({ removed: 0, octets: 0 }),
    async backUp() {},
    close() {},
  }
  return history
}
