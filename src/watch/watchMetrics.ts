import type { WatcherCounts } from './watcher.ts'

interface Row {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly what: string
  readonly value: (counts: WatcherCounts) => number
}

const rows: readonly Row[] = [
  { name: 'targets', type: 'gauge', what: 'Ends that are looked at', value: ({ targets }) => targets },
  { name: 'flows', type: 'gauge', what: 'Flows that are looked at', value: ({ flows }) => flows },
  { name: 'looks', type: 'counter', what: 'Looks at a flow', value: ({ looks }) => looks },
  {
    name: 'failed_looks',
    type: 'counter',
    what: 'Looks at a flow that failed',
    value: ({ failedLooks }) => failedLooks,
  },
  {
    name: 'skipped_slots',
    type: 'counter',
    what: 'Looks at an end that were left out since the one before was not over',
    value: ({ skippedSlots }) => skippedSlots,
  },
  { name: 'under_way_flows', type: 'gauge', what: 'Flows that are being looked at', value: ({ underWay }) => underWay },
  {
    name: 'suspected_flows',
    type: 'gauge',
    what: 'Flows that failed and are asked again',
    value: ({ suspected }) => suspected,
  },
  { name: 'bad_flows', type: 'gauge', what: 'Flows whose failure is confirmed', value: ({ bad }) => bad },
]

/** One metric with what it has at this moment, its name without `postern_watch_` in front. */
export interface Family {
  /** Ends in its unit, where it has one. */
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly unit?: 'seconds' | 'bytes'
  readonly what: string
  readonly rows: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[]
}

/**
 * What a watcher counts, as OpenMetrics 1.0 text, which ends with `# EOF`.
 *
 * @param more what others count besides
 */
export function formatWatchMetrics(counts: WatcherCounts, more: readonly Family[] = []): string {
  const families: readonly Family[] = [
    ...rows.map(({ value, ...row }) => ({ ...row, rows: [{ value: value(counts) }] })),
    ...more,
  ]
  const lines = families.flatMap(({ name, type, unit, what, rows }) => {
    const metric = `postern_watch_${name}`
    const sample = type === 'counter' ? `${metric}_total` : metric
    return [
      `# TYPE ${metric} ${type}`,
      ...(unit === undefined ? [] : [`# UNIT ${metric} ${unit}`]),
      `# HELP ${metric} ${what}.`,
      ...rows.map(({ labels = {}, value }) => `${sample}${labelled(labels)} ${value}`),
    ]
  })
  return `${[...lines, '# EOF'].join('\n')}\n`
}

function labelled(labels: Readonly<Record<string, string>>): string {
  const all = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return all.length === 0 ? '' : `{${all.join(',')}}`
}

/** https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#escaping */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
