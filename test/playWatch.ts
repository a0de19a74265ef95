import assert from 'node:assert/strict'
import type { CauseCode } from '../src/model/cause.ts'
import type { Alert, Incident } from '../src/model/incident.ts'
import type { OutletSettings } from '../src/model/watch.ts'
import { rememberedMs } from '../src/watch/incident/damping.ts'
import type {
  Delivery,
  IncidentMeans,
  IncidentSettings,
  IncidentsState,
  QuietWindow,
} from '../src/watch/incident/index.ts'
import { failingSubjects, incidentDefaults, noIncidents, restoreIncidents, step } from '../src/watch/incident/index.ts'
import { isLive } from '../src/watch/incident/trouble.ts'
import type { ConfirmedNews, Standing } from '../src/watch/news.ts'
import type { WatchedFlow } from './watchedSite.ts'
import { lookAt, standingAt, watchedSite } from './watchedSite.ts'

/** Seconds from the begin of a play. */
type Seconds = number

/** What a flow meets at a time; undefined: it is well. */
export type World = (flow: WatchedFlow, second: Seconds) => CauseCode | undefined

export interface Play {
  readonly world: World
  readonly seconds: Seconds
  readonly everySeconds?: number
  /** Windows that are open at a time. */
  readonly windowsAt?: (second: Seconds) => readonly QuietWindow[]
  readonly settings?: Partial<IncidentSettings>
  readonly outlets?: readonly OutletSettings[]
  /** The watcher is ended and started again at these times. */
  readonly killedAt?: readonly Seconds[]
  /** Whether flows that tell who is to blame are looked at before their turn. */
  readonly asksSoon?: boolean
  /** What people, or judgements over time, do at a time. */
  readonly also?: (second: Seconds) => readonly ConfirmedNews[]
  readonly edit?: (state: IncidentsState, second: Seconds) => IncidentsState
  readonly flows?: readonly WatchedFlow[]
}

export interface Played {
  readonly alerts: readonly Alert[]
  readonly deliveries: readonly Delivery[]
  /** All that were ever kept, as they were kept last. */
  readonly incidents: readonly Incident[]
  readonly state: IncidentsState
}

export const allOutlet: OutletSettings = { name: 'all', kind: 'file', takes: ['alerts'], settings: {} }

/** The play begins at this time: 2026-03-02, a Monday, at noon. */
export const began = Date.UTC(2026, 2, 2, 12)

interface Watched {
  readonly flow: WatchedFlow
  dueAt: number
  isBad: boolean
  cause: CauseCode | undefined
  wells: number
  /** Looks that failed and are not sure yet. */
  failedAt: readonly number[]
  standing: Standing | undefined
}

/**
 * A watcher as simple as one can be, over a world that is made up: looks on a schedule, three looks within ten seconds before a
 * failure counts, two before a recovery does. After each step it holds what must always hold, and what was kept is read back.
 */
export function playWatch(play: Play): Played {
  const { world, seconds, everySeconds = 60, settings = {}, outlets = [allOutlet], asksSoon = true } = play
  let ids = 0
  const means: IncidentMeans = {
    site: 'hq',
    from: 'connect01',
    settings: { ...incidentDefaults, ...settings },
    outlets,
    newId: () => `id-${++ids}`,
  }
  const flows = play.flows ?? watchedSite
  const watched = new Map<string, Watched>(
    flows.map((flow, index) => [
      flow.key,
      {
        flow,
        dueAt: (index * 7) % everySeconds,
        isBad: false,
        cause: undefined,
        wells: 0,
        failedAt: [],
        standing: standingAt(flow, { isWell: true, at: began - 60_000, wellAt: began - 60_000 }),
      },
    ]),
  )
  const kept = new Map<string, Incident>()
  const alerts: Alert[] = []
  const deliveries: Delivery[] = []
  let state = noIncidents
  let nextAt = Number.POSITIVE_INFINITY
  for (let second = 0; second < seconds; second++) {
    const at = began + second * 1000
    if (play.killedAt?.includes(second)) {
      state = restoreFrom(kept, at, means.settings)
      const failing = failingSubjects(state)
      for (const one of watched.values()) {
        one.isBad = failing.has(one.flow.key)
        one.wells = 0
        one.failedAt = []
      }
    }
    if (play.edit !== undefined) {
      const edited = play.edit(state, second)
      if (edited !== state) for (const incident of edited.incidents.values()) keep(kept, incident)
      state = edited
    }
    const news = [
      ...[...watched.values()].flatMap((one) => look(one, second, world, everySeconds)),
      ...(play.also?.(second) ?? []),
    ]
    if (news.length === 0 && at < nextAt && second % 15 !== 0) continue
    const standings = new Map(
      [...watched].flatMap(([key, { standing }]) => (standing === undefined ? [] : [[key, standing]])),
    )
    const next = step(state, news, { at, standings, windows: play.windowsAt?.(second) ?? [] }, means)
    state = next.state
    nextAt = next.nextAt ?? Number.POSITIVE_INFINITY
    alerts.push(...next.alerts)
    deliveries.push(...next.deliveries)
    for (const incident of next.changed) keep(kept, incident)
    if (asksSoon) {
      for (const subject of next.askSoon) {
        const one = watched.get(subject)
        if (one !== undefined) one.dueAt = Math.min(one.dueAt, second + 2)
      }
    }
    holds(state, watched)
    assert.deepEqual(restoreFrom(kept, at, means.settings), state, 'what was kept is not what is in memory')
  }
  return { alerts, deliveries, incidents: [...kept.values()], state }
}

/** An incident goes to the disk as text. */
function keep(kept: Map<string, Incident>, incident: Incident): void {
  const text: Incident = JSON.parse(JSON.stringify(incident))
  kept.set(incident.id, text)
}

function restoreFrom(kept: ReadonlyMap<string, Incident>, at: number, settings: IncidentSettings): IncidentsState {
  const since = at - rememberedMs(settings)
  const those = [...kept.values()].filter(({ state, until = 0 }) => state !== 'closed' || until >= since)
  return restoreIncidents(those, [], at, settings)
}

/** One look when its time has come; what failed is asked twice more within eight seconds, and counts when it failed each time. */
function look(one: Watched, second: Seconds, world: World, everySeconds: number): readonly ConfirmedNews[] {
  if (one.dueAt > second) return []
  const { flow } = one
  const at = began + second * 1000
  const cause = world(flow, second)
  one.dueAt = second + everySeconds
  if (cause === undefined) {
    const since = one.failedAt[0]
    one.failedAt = []
    one.standing = standingAt(flow, { isWell: true, at, wellAt: at })
    one.wells += 1
    if (since !== undefined) {
      return [{ kind: 'unsteady', key: flow.key, at, since, looks: 1, report: lookAt(flow, undefined) }]
    }
    if (!one.isBad) return []
    if (one.wells < 2) {
      one.dueAt = second + 5
      return []
    }
    one.isBad = false
    return [{ kind: 'came-back', key: flow.key, at, report: lookAt(flow, undefined) }]
  }
  one.wells = 0
  if (one.isBad) {
    one.standing = badStanding(flow, at, one.standing)
    if (one.cause === cause) return []
    one.cause = cause
    return [{ kind: 'changed-cause', key: flow.key, at, report: lookAt(flow, cause) }]
  }
  one.failedAt = [...one.failedAt, at]
  one.standing = badStanding(flow, at, one.standing)
  const [since = at] = one.failedAt
  if (one.failedAt.length < 3) {
    one.dueAt = second + 4
    return []
  }
  one.failedAt = []
  one.isBad = true
  one.cause = cause
  return [{ kind: 'went-bad', key: flow.key, at, since, looks: 3, report: lookAt(flow, cause) }]
}

function badStanding(flow: WatchedFlow, at: number, was: Standing | undefined): Standing {
  return standingAt(flow, { isWell: false, at, ...(was?.wellAt === undefined ? {} : { wellAt: was.wellAt }) })
}

/** Everything that fails stands in exactly one incident that is open, and nothing else does. */
function holds(state: IncidentsState, watched: ReadonlyMap<string, Watched>): void {
  const counts = new Map<string, number>()
  for (const { state: is, consequences } of state.incidents.values()) {
    if (is === 'closed') continue
    const failing = consequences.filter((one) => isLive(one) && one.weighed?.of === 'look')
    assert.ok(is !== 'open' || consequences.some(isLive), 'an incident is open and nothing of it fails')
    assert.ok(is !== 'recovering' || !consequences.some(isLive), 'an incident recovers and something of it fails')
    for (const { subject } of failing) counts.set(subject, (counts.get(subject) ?? 0) + 1)
  }
  for (const [key, { isBad }] of watched) {
    assert.equal(counts.get(key) ?? 0, isBad ? 1 : 0, `${key} stands in ${counts.get(key) ?? 0} open incidents`)
  }
}
