import { randomUUID } from 'node:crypto'
import { uptime } from 'node:os'
import type { LoadedSite } from '../config/index.ts'
import { usualWatch } from '../config/watchSchema.ts'
import type { Fault, FaultId, Lab } from '../lab/index.ts'
import { flowKey } from '../model/flow.ts'
import type { CheckReport } from '../model/report.ts'
import type { WatchSettings } from '../model/watch.ts'
import { systemClock } from '../net/clock.ts'
import type { IncidentSettings } from '../watch/incident/index.ts'
import { incidentDefaults } from '../watch/incident/index.ts'
import type { IncidentNews } from '../watch/incidentLoop.ts'
import { IncidentLoop } from '../watch/incidentLoop.ts'
import { Watcher } from '../watch/watcher.ts'
import { closeAll } from './closeAll.ts'
import { openWatchApi } from './openWatchApi.ts'
import { pause } from './pause.ts'
import type { Shell } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { SiteLook } from './siteLook.ts'
import { siteLook } from './siteLook.ts'
import { faultTimes, letFaultsPass } from './upFaults.ts'
import type { UpPages } from './upPages.ts'
import type { Terminal } from './upWatchLines.ts'
import { toldLines, watchedLines } from './upWatchLines.ts'
import { historyFileOf, historyOf } from './watchHistory.ts'
import { WholeReport } from './wholeReport.ts'

export interface UpWatch {
  readonly lab: Lab
  /** Which host of the site looks. */
  readonly from: string
  /** What comes and goes meanwhile. */
  readonly faults: readonly Pick<Fault<FaultId>, 'id' | 'title'>[]
  /** Between two looks at one flow. */
  readonly everySeconds: number
  /** Ends when every flow was looked at so often; absent: with the shell's signal. */
  readonly rounds?: number
  readonly pages: UpPages
  /** The last check of the whole site, from the same host. */
  readonly report: CheckReport
  /** Is given each report that is newer. */
  readonly onReport: (report: CheckReport) => void
  readonly terminal: Terminal
}

/**
 * What is known of faults that last half a minute: an incident is told 4 s after it is sure, and over 8 s after all of it
 * is well, which takes 20 s and six minutes elsewhere.
 */
const quickIncidents: IncidentSettings = {
  ...incidentDefaults,
  settleMs: 4000,
  onsetMs: 20_000,
  halfLifeMs: 20_000,
}

/**
 * Watches the small network as `postern watch` does a site, with a history beside its site file, while faults come and go.
 *
 * @returns how many looks and incidents there were
 */
export async function watchNetwork(
  watch: UpWatch,
  shell: Shell,
): Promise<{ readonly looks: number; readonly incidents: number }> {
  const opened: (() => unknown)[] = []
  try {
    return await watchUntil(watch, shell, opened)
  } finally {
    for (const error of await closeAll(opened)) {
      const why = error instanceof Error ? (error.stack ?? error.message) : 'unknown'
      shell.stderr.write(`a part of the watcher could not be ended: ${why}\n`)
    }
  }
}

async function watchUntil(
  watch: UpWatch,
  shell: Shell,
  opened: (() => unknown)[],
): Promise<{ readonly looks: number; readonly incidents: number }> {
  const { lab, from, faults, everySeconds, rounds, pages, terminal } = watch
  // Nobody in it is far away: a wait that is shorter lets a fault of half a minute be told while it lasts.
  const settings: WatchSettings = { ...usualWatch(), everySeconds, timeoutMs: 1500 }
  const read = await siteFrom(lab.siteFile, shell, false)
  const loaded: LoadedSite = { ...read, site: { ...read.site, watch: settings } }
  const onSite = await siteLook(loaded, settings, { from, machineRoots: lab.machineRoots }, shell)
  const ending = new AbortController()
  const signal = AbortSignal.any([shell.signal, ending.signal])
  const watched = counting(onSite, watch, (least) => {
    if (rounds !== undefined && least >= rounds) ending.abort()
  })

  const say = (kind: string, text: string): void =>
    shell.stdout.write(watchedLines(systemClock.now(), kind, [{ text }], terminal))
  const onFault = (says: string): void => say('history', says)
  const store = historyOf(loaded, { isReader: false, onFault })
  opened.push(() => store.close())
  let told = 0
  const onNews = (news: IncidentNews): void => {
    told += news.alerts.filter(({ reason }) => reason === 'opened').length
    shell.stdout.write(toldLines(news, terminal))
    api.onNews(news)
  }
  const incidents = new IncidentLoop(
    { site: loaded.site.site, from, settings: quickIncidents, outlets: [], newId: randomUUID },
    {
      store,
      now: () => systemClock.now(),
      windows: () => watcher.windows,
      askSoon: (keys) => watcher.callSoon(keys),
      onNews,
    },
  )
  const api = await openWatchApi({
    ...{ site: loaded.site.site, from, store, port: 0, historyFile: historyFileOf(loaded) },
    now: () => systemClock.now(),
    watched: () => watched,
    counts: () => watcher.counts,
    windows: () => watcher.windows,
    edit: (change) => incidents.edit(change),
    onFault: (says) => say('bug', says),
  })
  opened.push(() => api.close())
  const watcher: Watcher = new Watcher(watched, {
    clock: {
      now: () => systemClock.now(),
      monotonicMs: () => systemClock.monotonicMs(),
      sinceStartMs: () => uptime() * 1000,
    },
    pause,
    random: Math.random,
    store,
    onSeen(seen) {
      incidents.seen(seen)
      api.onSeen(seen)
    },
    onNews: (news) => incidents.take(news),
    onEvent: (event) => api.onEvent(event),
  })
  pages.api = (request) => api.answer(request)
  opened.push(() => {
    pages.api = undefined
  })

  const passing = letFaultsPass(lab, faults, faultTimes(everySeconds), (kind, fault) => say(kind, fault.title), signal)
  const stepping = stepInTime(incidents, signal)
  try {
    await watcher.run(signal)
  } finally {
    ending.abort()
    await Promise.allSettled([passing, stepping])
  }
  return { looks: watcher.counts.looks, incidents: told }
}

/** Looks as they are, with the whole report kept up by each, and counted by flow. */
function counting(onSite: SiteLook, { report, onReport }: UpWatch, onLeast: (looksAtEach: number) => void): SiteLook {
  const whole = new WholeReport(report, onSite.flows)
  const looks = new Map(onSite.flows.map((flow) => [flowKey(flow), 0]))
  return {
    ...onSite,
    async look(flows, options) {
      const seen = await onSite.look(flows, options)
      if (options.signal.aborted) return seen
      onReport(whole.take(seen))
      for (const key of flows.map(flowKey)) looks.set(key, (looks.get(key) ?? 0) + 1)
      // What ends the watch lets this look be weighed first.
      setImmediate(() => onLeast(Math.min(...looks.values())))
      return seen
    },
  }
}

/** Lets incidents go on where time alone moves them. */
async function stepInTime(incidents: IncidentLoop, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(1000, signal)
    // What cannot be kept comes again.
    if (!signal.aborted && incidents.isDue) await incidents.take([]).catch(() => {})
  }
}
