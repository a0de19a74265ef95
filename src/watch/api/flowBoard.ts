import type { ApiEvents, ApiFlow } from '../../model/api.ts'
import type { Owner } from '../../model/cause.ts'
import type { Flow } from '../../model/flow.ts'
import { flowKey } from '../../model/flow.ts'
import type { Incident } from '../../model/incident.ts'
import type { Sample } from '../../model/sample.ts'
import type { HistoryStore } from '../../store/history/historyStore.ts'
import { titleOf } from '../incident/index.ts'
import type { Seen } from '../record/index.ts'
import { flowIdOf } from './flowId.ts'
import { isoOf } from './isoTime.ts'

/** The newest look at a flow, without its evidence. */
interface Stand {
  readonly sample: Sample
  readonly says?: string
  readonly owner?: Owner
  readonly fix?: string
}

/** A flow that is watched, with what it is known by. */
export interface Watching {
  readonly id: string
  readonly key: string
  readonly title: string
  readonly flow: Flow
}

const dayMs = 86_400_000
/** Over which the usual latency is taken, and how long it is believed. */
const usualDays = 7
const usualForMs = 600_000

/** How each flow stands, in memory: looks at 10,000 flows are not read from the disk for a page of them. */
export class FlowBoard {
  readonly #store: Pick<HistoryStore, 'quantiles'>
  readonly #stands = new Map<string, Stand>()
  readonly #usual = new Map<string, { readonly until: number; readonly ms: number | undefined }>()
  readonly #pastKeys = new Map<string, string>()
  #of: readonly Flow[] = []
  #watching: readonly Watching[] = []
  #byId = new Map<string, Watching>()

  constructor(store: Pick<HistoryStore, 'quantiles' | 'latest' | 'openIncidents'>) {
    this.#store = store
    for (const sample of store.latest()) {
      this.#stands.set(sample.key, { sample })
      this.#pastKeys.set(flowIdOf(sample.key), sample.key)
    }
    // What was said of failures before this process began stands in their incidents.
    for (const { consequences } of store.openIncidents()) {
      for (const { subject, until, says, weighed } of consequences) {
        const stand = until === undefined ? this.#stands.get(subject) : undefined
        if (stand === undefined || stand.sample.isWell || weighed?.of === 'time') continue
        const { owner, fix } = weighed ?? {}
        this.#stands.set(subject, {
          ...stand,
          says,
          ...(owner !== undefined && { owner }),
          ...(fix !== undefined && { fix }),
        })
      }
    }
  }

  /** Takes what was seen. @returns the flows that came to something else than before */
  take(seen: readonly Seen[]): readonly ApiEvents['flow'][] {
    const changes: ApiEvents['flow'][] = []
    for (const { sample, report } of seen) {
      const { key, at, isWell, verdict, cause } = sample
      const before = this.#stands.get(key)?.sample
      const { says, owner, fix } = report
      this.#stands.set(key, {
        sample,
        says,
        ...(owner !== undefined && { owner }),
        ...(fix !== undefined && { fix }),
      })
      if (before?.isWell === isWell && before.verdict === verdict && before.cause === cause) continue
      changes.push({
        id: flowIdOf(key),
        key,
        title: titleOf(report),
        at: isoOf(at),
        isWell,
        verdict,
        ...(cause !== undefined && { cause }),
        says,
        ...(before !== undefined && {
          was: {
            isWell: before.isWell,
            verdict: before.verdict,
            ...(before.cause !== undefined && { cause: before.cause }),
          },
        }),
      })
    }
    return changes
  }

  /** Flows that are watched, in the order of their keys. */
  watching(flows: readonly Flow[]): readonly Watching[] {
    if (flows !== this.#of) {
      const byKey = new Map(flows.map((flow) => [flowKey(flow), flow]))
      const keys = [...byKey.keys()].sort()
      this.#watching = keys.flatMap((key) => {
        const flow = byKey.get(key)
        return flow === undefined ? [] : [{ id: flowIdOf(key), key, title: titleOf(flow), flow }]
      })
      this.#byId = new Map(this.#watching.map((one) => [one.id, one]))
      for (const key of this.#stands.keys()) {
        const id = flowIdOf(key)
        if (this.#byId.has(id)) continue
        // Of what is not watched any more the past is kept, and nothing that is so now.
        this.#pastKeys.set(id, key)
        this.#stands.delete(key)
        this.#usual.delete(key)
      }
      this.#of = flows
    }
    return this.#watching
  }

  find(flows: readonly Flow[], id: string): Watching | undefined {
    this.watching(flows)
    return this.#byId.get(id)
  }

  /** The key of a flow that is watched, or was. */
  keyOf(flows: readonly Flow[], id: string): string | undefined {
    return this.find(flows, id)?.key ?? this.#pastKeys.get(id)
  }

  stand(key: string): Stand | undefined {
    return this.#stands.get(key)
  }

  /** What `whole-ms` of a flow usually is: from sums of whole days, as far as there are any. */
  usualMs(key: string, now: number): number | undefined {
    const known = this.#usual.get(key)
    if (known !== undefined && now < known.until && now >= known.until - usualForMs) return known.ms
    const from = Math.floor(now / dayMs - usualDays) * dayMs
    const span = { from: Math.max(0, from), to: now + 1 }
    const ms = this.#store.quantiles(key, 'whole-ms', span, (usualDays + 1) * dayMs, [0.5])[0]?.values[0]
    this.#usual.set(key, { until: now + usualForMs, ms })
    return ms
  }

  /** A flow as it is answered. @param incidents that are not over, by the subjects that suffer */
  answer({ id, key, title, flow }: Watching, now: number, incidents: ReadonlyMap<string, Incident>): ApiFlow {
    const stand = this.#stands.get(key)
    const incident = incidents.get(key)
    const usualLatencyMs = this.usualMs(key, now)
    return {
      id,
      key,
      title,
      flow: flow.flow,
      from: flow.from,
      fromRole: flow.fromRole,
      to: flow.to,
      toRole: flow.toRole,
      necessity: flow.necessity,
      expect: flow.expect,
      features: flow.features,
      ...(stand !== undefined && standAnswer(stand)),
      ...(usualLatencyMs !== undefined && { usualLatencyMs }),
      ...(incident !== undefined && { incident: incident.id }),
    }
  }
}

function standAnswer({ sample, says, owner, fix }: Stand): Partial<ApiFlow> {
  const { at, isWell, verdict, cause, confidence, address } = sample
  const latencyMs = latencyOf(sample)
  return {
    isWell,
    verdict,
    ...(cause !== undefined && { cause }),
    confidence,
    ...(owner !== undefined && { owner }),
    ...(says !== undefined && { says }),
    ...(fix !== undefined && { fix }),
    lastLookAt: isoOf(at),
    ...(address !== undefined && { address }),
    ...(latencyMs !== undefined && { latencyMs }),
  }
}

/** What a look took in all: as `whole-ms` of the history. */
export function latencyOf({ isWell, timing }: Pick<Sample, 'isWell' | 'timing'>): number | undefined {
  const phases = [timing.dnsMs, timing.connectMs, timing.tlsMs, timing.firstByteMs].filter((phase) => phase !== null)
  return isWell && phases.length > 0 ? phases.reduce((sum, phase) => sum + phase, 0) : undefined
}

/** Incidents that are not over, by the subjects that suffer from them: from what fails rather than from what shows over time. */
export function incidentsBySubject(incidents: readonly Incident[]): ReadonlyMap<string, Incident> {
  const bySubject = new Map<string, Incident>()
  for (const incident of incidents) {
    for (const { subject, until, weighed } of incident.consequences) {
      if (until === undefined && (weighed?.of !== 'time' || !bySubject.has(subject))) bySubject.set(subject, incident)
    }
  }
  return bySubject
}
