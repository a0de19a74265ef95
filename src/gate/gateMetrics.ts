import type { GateEvent, Recorder } from '../model/event.ts'

/** What is so at this moment. */
export interface GateGauges {
  /** Connections that are open or shake hands. */
  readonly connections: number
  /** Requests and WebSockets that are open. */
  readonly exchanges: number
  /** Events that wait to be written into the record. */
  readonly recordWaiting: number
  /** By backend and server: whether it is given requests. */
  readonly servers: readonly {
    readonly backend: string
    readonly server: string
    readonly isWell: boolean
    readonly inFlight: number
  }[]
}

/** Upper bounds of the histogram of requests, in seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** Label values that one counter may have; above it `other` is counted: memory must not follow what clients do. */
const mostSeries = 1000

interface Family {
  readonly what: string
  readonly labels: readonly string[]
  readonly series: Map<string, number>
}

/**
 * Counts what the gate tells, for OpenMetrics 1.0. Everything that happens is an event, so that what is counted and what is
 * recorded cannot differ.
 */
export class GateMetrics {
  readonly #families = {
    connections: family('Connections that were opened or refused', 'outcome', 'reason'),
    requests: family('Requests that were answered', 'route', 'outcome', 'status'),
    denials: family('Requests that were denied', 'reason'),
    authentications: family('Sign-ins, step-ups and sign-outs', 'activity', 'outcome', 'reason'),
    changes: family('Certificates taken up or kept, servers that changed their state', 'kind', 'activity', 'outcome'),
  } as const
  readonly #durations = new Map<string, { counts: number[]; sum: number }>()

  /** Counts what it hands on. */
  over(recorder: Recorder): Recorder {
    return {
      tell: (event) => {
        this.#count(event)
        recorder.tell(event)
      },
      tellDurably: (event) => {
        this.#count(event)
        return recorder.tellDurably(event)
      },
    }
  }

  /** The whole exposition, which ends with `# EOF`. */
  text(gauges: GateGauges): string {
    const lines = [
      ...Object.entries(this.#families).flatMap(([name, { what, labels, series }]) => [
        ...described(`postern_gate_${name}`, 'counter', what),
        ...[...series].map(([key, count]) => `postern_gate_${name}_total${labelled(labels, key)} ${count}`),
      ]),
      ...this.#histogram(),
      ...gauge('postern_gate_open_connections', 'Connections that are open or shake hands', gauges.connections),
      ...gauge('postern_gate_open_exchanges', 'Requests and WebSockets that are open', gauges.exchanges),
      ...gauge('postern_gate_record_waiting_events', 'Events that wait to be written', gauges.recordWaiting),
      ...described('postern_gate_server_well', 'gauge', 'Whether a server behind the gate is given requests'),
      ...gauges.servers.map((one) => `postern_gate_server_well${serverLabels(one)} ${one.isWell ? 1 : 0}`),
      ...described('postern_gate_server_in_flight', 'gauge', 'Requests and WebSockets that a server has'),
      ...gauges.servers.map((one) => `postern_gate_server_in_flight${serverLabels(one)} ${one.inFlight}`),
      '# EOF',
    ]
    return `${lines.join('\n')}\n`
  }

  #count(event: GateEvent): void {
    const { kind, activity, outcome, reason, http, route, count = 1, detail } = event
    const families = this.#families
    switch (kind) {
      case 'network_activity':
        if (activity === 'connect') add(families.connections, count, outcome, reason)
        break
      case 'authentication':
        add(families.authentications, count, activity, outcome, reason)
        break
      case 'authorization':
        if (outcome === 'denied') add(families.denials, count, reason)
        if (http?.status !== undefined) add(families.requests, count, route ?? '', outcome, String(http.status))
        break
      case 'http_activity':
        add(families.requests, count, route ?? '', outcome, String(http?.status ?? ''))
        if (route !== undefined && activity === 'request' && typeof detail?.['ms'] === 'number') {
          this.#took(route, detail['ms'] / 1000)
        }
        break
      case 'config_change':
      case 'detection_finding':
        add(families.changes, count, kind, activity, outcome)
        break
      case 'account_change':
        break
      default:
        kind satisfies never
    }
  }

  #took(route: string, seconds: number): void {
    const kept = this.#durations.get(route) ?? { counts: bounds.map(() => 0).concat(0), sum: 0 }
    const at = bounds.findIndex((bound) => seconds <= bound)
    const place = at < 0 ? bounds.length : at
    kept.counts[place] = (kept.counts[place] ?? 0) + 1
    kept.sum += seconds
    this.#durations.set(route, kept)
  }

  #histogram(): readonly string[] {
    const name = 'postern_gate_request_duration_seconds'
    const series = [...this.#durations].flatMap(([route, { counts, sum }]) => {
      let below = 0
      const buckets = counts.map((count, at) => {
        below += count
        return `${name}_bucket{route="${escaped(route)}",le="${bounds[at] ?? '+Inf'}"} ${below}`
      })
      const of = `{route="${escaped(route)}"}`
      return [...buckets, `${name}_count${of} ${below}`, `${name}_sum${of} ${Math.round(sum * 1e6) / 1e6}`]
    })
    return [...described(name, 'histogram', 'Seconds from the request to the end of its answer, by route'), ...series]
  }
}

function family(what: string, ...labels: readonly string[]): Family {
  return { what, labels, series: new Map() }
}

function add({ series, labels }: Family, count: number, ...values: readonly string[]): void {
  const wanted = JSON.stringify(values)
  const key = series.has(wanted) || series.size < mostSeries ? wanted : JSON.stringify(labels.map(() => 'other'))
  series.set(key, (series.get(key) ?? 0) + count)
}

function labelled(labels: readonly string[], key: string): string {
  const values: readonly unknown[] = JSON.parse(key)
  return `{${labels.map((label, at) => `${label}="${escaped(String(values[at]))}"`).join(',')}}`
}

function serverLabels({ backend, server }: GateGauges['servers'][number]): string {
  return `{backend="${escaped(backend)}",server="${escaped(server)}"}`
}

function described(name: string, type: string, what: string): readonly string[] {
  return [`# TYPE ${name} ${type}`, `# HELP ${name} ${what}.`]
}

function gauge(name: string, what: string, value: number): readonly string[] {
  return [...described(name, 'gauge', what), `${name} ${value}`]
}

/** https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#escaping */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
