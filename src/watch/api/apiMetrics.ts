import { severities } from '../../model/finding.ts'
import { verdictKinds } from '../../model/verdict.ts'
import type { Family } from '../watchMetrics.ts'
import { formatWatchMetrics } from '../watchMetrics.ts'
import type { ApiSource } from './apiSource.ts'
import { standing } from './status.ts'

/** What a watcher knows that a number says, as OpenMetrics 1.0 text: counts, and how each flow stands. */
export function formatApiMetrics(source: ApiSource): string {
  const { store, board, watched, counts, historyOctets, ring, since } = source
  const { flows, settings } = watched()
  const watching = board.watching(flows)
  const { well, notWell, notSeen } = standing(source)
  const open = store.openIncidents()
  const stands = watching.flatMap(({ id, key, flow }) => {
    const stand = board.stand(key)
    return stand === undefined ? [] : [{ labels: { id, flow: flow.flow, from: flow.from, to: flow.to }, stand }]
  })
  const families: readonly Family[] = [
    {
      name: 'start_time_seconds',
      type: 'gauge',
      unit: 'seconds',
      what: 'When the watcher was started, since 1970',
      rows: [{ value: since / 1000 }],
    },
    {
      name: 'flow_states',
      type: 'gauge',
      what: 'Flows by how the newest look found them',
      rows: [
        { labels: { state: 'well' }, value: well },
        { labels: { state: 'not-well' }, value: notWell },
        { labels: { state: 'not-seen' }, value: notSeen },
      ],
    },
    {
      name: 'flow_verdicts',
      type: 'gauge',
      what: 'Flows by the verdict of the newest look',
      rows: verdictKinds.map((verdict) => ({
        labels: { verdict },
        value: stands.filter(({ stand }) => stand.sample.verdict === verdict).length,
      })),
    },
    {
      name: 'open_incidents',
      type: 'gauge',
      what: 'Incidents that are not over',
      rows: severities.map((severity) => ({
        labels: { severity },
        value: open.filter((one) => one.severity === severity).length,
      })),
    },
    {
      name: 'outlet_waiting_things',
      type: 'gauge',
      what: 'Alerts and events that an outlet has not taken yet',
      rows: settings.outlets.map(({ name, kind }) => ({ labels: { outlet: name, kind }, value: store.waiting(name) })),
    },
    {
      name: 'history_size_bytes',
      type: 'gauge',
      unit: 'bytes',
      what: 'What the history takes on the disk',
      rows: [{ value: historyOctets() }],
    },
    {
      name: 'open_streams',
      type: 'gauge',
      what: 'Streams of events that are open',
      rows: [{ value: ring.streams.open }],
    },
    {
      name: 'dropped_streams',
      type: 'counter',
      what: 'Streams of events that were ended since they were too slow',
      rows: [{ value: ring.streams.dropped }],
    },
    {
      name: 'published_events',
      type: 'counter',
      what: 'Events that streams were given',
      rows: [{ value: ring.published }],
    },
    {
      name: 'flow_well',
      type: 'gauge',
      what: 'Whether the newest look at a flow found it as it has to be',
      rows: stands.map(({ labels, stand }) => ({ labels, value: stand.sample.isWell ? 1 : 0 })),
    },
    {
      name: 'flow_phase_duration_seconds',
      type: 'gauge',
      unit: 'seconds',
      what: 'How long a phase of the newest look at a flow took',
      rows: stands.flatMap(({ labels, stand: { sample } }) =>
        phases.flatMap(([phase, member]) => {
          const ms = sample.timing[member]
          return ms === null ? [] : [{ labels: { ...labels, phase }, value: Math.round(ms * 1000) / 1_000_000 }]
        }),
      ),
    },
  ]
  return formatWatchMetrics(counts(), families)
}

const phases = [
  ['dns', 'dnsMs'],
  ['connect', 'connectMs'],
  ['tls', 'tlsMs'],
  ['first-byte', 'firstByteMs'],
] as const
