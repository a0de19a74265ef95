import type { Alert, Incident } from '../model/incident.ts'
import type { MaintenanceWindow } from '../model/watch.ts'
import type { HistoryStore } from '../store/history/historyStore.ts'
import type { KnownFailure } from './flowStates.ts'
import type { Edited, IncidentMeans, IncidentsState } from './incident/index.ts'
import { failingSubjects, rememberedMs, restoreIncidents, standingOf, step } from './incident/index.ts'
import type { ConfirmedNews, Standing } from './news.ts'
import type { Seen } from './record/index.ts'

/** What became of incidents in one step. */
export interface IncidentNews {
  readonly opened: readonly Incident[]
  readonly closed: readonly Incident[]
  /** Every one that is not as it was, those among them. */
  readonly changed: readonly Incident[]
  readonly alerts: readonly Alert[]
  /** Something was put into the queue of an outlet. */
  readonly hasDeliveries: boolean
}

export interface IncidentLoopParts {
  readonly store: Pick<HistoryStore, 'keepIncidents' | 'openIncidents' | 'incidents' | 'latest'>
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number
  /** Windows of maintenance that are open. */
  readonly windows: () => readonly MaintenanceWindow[]
  /** Looks at flows before their turn, by their keys. */
  readonly askSoon: (keys: readonly string[]) => void
  readonly onNews: (news: IncidentNews) => void
}

/** Closed incidents of the last hours that are read after a restart. */
const mostRemembered = 10_000

/** Makes incidents of what is sure, and keeps them before anybody is told: one step after another. */
export class IncidentLoop {
  means: IncidentMeans
  readonly #parts: IncidentLoopParts
  readonly #standings = new Map<string, Standing>()
  #state: IncidentsState
  #nextAt = 0
  /** When the last step was made. */
  #steppedAt = 0
  #stepping: Promise<void> | undefined

  constructor(means: IncidentMeans, parts: IncidentLoopParts) {
    this.means = means
    this.#parts = parts
    const { store, now } = parts
    const at = now()
    const recent = store.incidents({ from: at - rememberedMs(means.settings), to: at + 1 }, mostRemembered)
    const kept = new Map([...store.openIncidents(), ...recent].map((incident) => [incident.id, incident]))
    this.#state = restoreIncidents([...kept.values()], store.latest(), at, means.settings)
  }

  /** Failures that were told before this process began, by the keys of their flows. */
  get known(): ReadonlyMap<string, KnownFailure> {
    const failing = failingSubjects(this.#state)
    const known = new Map<string, KnownFailure>()
    for (const { consequences } of this.#state.incidents.values()) {
      for (const { subject, since, until, cause } of consequences) {
        if (until === undefined && failing.has(subject)) known.set(subject, { since, cause })
      }
    }
    return known
  }

  /** Takes what was seen: what is well speaks for whatever it passes. */
  seen(seen: readonly Seen[]): void {
    for (const { sample, report } of seen) {
      const { key, at, isWell, address, certificate } = sample
      const before = this.#standings.get(key)
      const isAlike = isWell && before?.isWell === true && before.on.address === address && isShown(before, certificate)
      if (isAlike) {
        this.#standings.set(key, { ...before, at, wellAt: at })
        continue
      }
      const { wellAt } = before ?? {}
      const standing = standingOf(report, { at, isWell, ...(wellAt !== undefined && { wellAt }) }, report.evidence)
      this.#standings.set(key, { ...standing, subject: key })
    }
  }

  /** Forgets how flows stood that are not watched any more. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#standings.keys()) if (!keys.has(key)) this.#standings.delete(key)
  }

  /**
   * Takes news, which may be none; resolves when what they come to would outlive this process.
   *
   * @throws StoreError where it cannot be kept: then nothing of it has happened, and the same news may come again
   */
  async take(news: readonly ConfirmedNews[]): Promise<void> {
    await this.#afterOthers(() => this.#take(news))
  }

  /**
   * Changes an incident as a person wants it; resolves when that would outlive this process.
   *
   * @returns the incident as it is then; undefined where the change finds none that is not over
   * @throws StoreError where it cannot be kept: then nothing has changed
   */
  async edit(change: (state: IncidentsState) => Edited): Promise<Incident | undefined> {
    let after: Incident | undefined
    await this.#afterOthers(async () => {
      const edited = change(this.#state)
      if (edited === undefined) return
      const { state, changed } = edited
      await this.#parts.store.keepIncidents(changed, [])
      this.#state = state
      // It may be time to tell what was kept silent, or to be silent.
      this.#nextAt = this.#parts.now()
      after = changed[0]
      this.#parts.onNews({ opened: [], closed: [], changed, alerts: [], hasDeliveries: false })
    })
    return after
  }

  async #afterOthers(go: () => Promise<void>): Promise<void> {
    while (this.#stepping !== undefined) await this.#stepping.catch(() => {})
    this.#stepping = go().finally(() => {
      this.#stepping = undefined
    })
    await this.#stepping
  }

  /** Whether time alone has something to do: an alert that waited, an incident that is over. */
  get isDue(): boolean {
    const at = this.#parts.now()
    // A clock that was set back must not make what waits wait for as long again.
    return this.#stepping === undefined && (at >= this.#nextAt || at < this.#steppedAt)
  }

  async #take(news: readonly ConfirmedNews[]): Promise<void> {
    const { store, now, windows, askSoon, onNews } = this.#parts
    const before = this.#state
    const moment = { at: now(), standings: this.#standings, windows: windows() }
    const { state, changed, deliveries, alerts, nextAt, ...rest } = step(before, news, moment, this.means)
    if (changed.length + deliveries.length > 0) await store.keepIncidents(changed, deliveries)
    this.#state = state
    this.#nextAt = nextAt ?? Number.POSITIVE_INFINITY
    this.#steppedAt = moment.at
    if (rest.askSoon.length > 0) askSoon(rest.askSoon)
    const wasOpen = ({ id }: Incident): boolean => (before.incidents.get(id)?.state ?? 'closed') !== 'closed'
    const opened = changed.filter((one) => one.state !== 'closed' && !wasOpen(one))
    const closed = changed.filter((one) => one.state === 'closed' && wasOpen(one))
    if (changed.length + alerts.length === 0) return
    onNews({ opened, closed, changed, alerts, hasDeliveries: deliveries.length > 0 })
  }
}

function isShown({ on }: Standing, certificate: string | undefined): boolean {
  return on.certificate === undefined ? certificate === undefined : on.certificate.toLowerCase() === certificate
}
