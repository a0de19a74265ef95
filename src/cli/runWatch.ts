import { randomUUID } from 'node:crypto'
import { uptime } from 'node:os'
import type { LoadedSite } from '../config/index.ts'
import { visible } from '../config/quoted.ts'
import { flowKey } from '../model/flow.ts'
import type { Clock } from '../net/clock.ts'
import { systemClock } from '../net/clock.ts'
import type { HistoryStore } from '../store/history/index.ts'
import { inboxOf, waitingMarks } from '../store/marks/markInbox.ts'
import type { IncidentMeans } from '../watch/incident/index.ts'
import { incidentDefaults } from '../watch/incident/index.ts'
import { IncidentLoop } from '../watch/incidentLoop.ts'
import type { PulseClock } from '../watch/schedule/index.ts'
import { Watcher } from '../watch/watcher.ts'
import { formatWatchMetrics } from '../watch/watchMetrics.ts'
import { closeAll } from './closeAll.ts'
import { openAdministration } from './openAdministration.ts'
import { openDelivery } from './openDelivery.ts'
import { pause } from './pause.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { SiteLook, SiteLookOptions } from './siteLook.ts'
import { siteLook } from './siteLook.ts'
import type { WatchOptions } from './verbs/watch.ts'
import { historyFileOf, historyOf, watchOf } from './watchHistory.ts'
import { incidentLines, lineOf, timeOf } from './watchLines.ts'
import type { SiteWatch } from './watchSite.ts'
import { watchSite } from './watchSite.ts'

/** What a test plays. */
export interface WatchMeans extends Omit<SiteLookOptions, 'from' | 'onChoice'> {
  readonly siteEveryMs?: number
}

/** The last looks end, and what they came to is written, within this; in milliseconds. */
const stopMs = 10_000
const marksEveryMs = 1000

/**
 * Watches a site until Ctrl-C or SIGTERM.
 *
 * @returns the exit code
 * @throws UsageError when it cannot start, with what would be right
 */
export async function runWatch(options: WatchOptions, shell: Shell, means: WatchMeans = {}): Promise<number> {
  const looksSteadily = shell.boundMemory?.()
  const loaded = await siteFrom(options.site, shell)
  shell.stopMayTake?.(stopMs)
  const opened: (() => unknown)[] = []
  const out = (text: string): void => {
    if (options.quiet !== true) shell.stdout.write(text)
  }
  try {
    await watchUntilStopped(loaded, options, shell, means, { opened, out, looksSteadily })
  } finally {
    for (const error of await closeAll(opened)) {
      const why = error instanceof Error ? (error.stack ?? error.message) : 'unknown'
      shell.stderr.write(`a part of the watcher could not be ended: ${why}\n`)
    }
  }
  out(`${timeOf(systemClock.now())} stopped; everything that was seen is kept\n`)
  const { reason } = shell.signal
  return reason instanceof Error && reason.message.includes('Ctrl-C') ? exitCodes.interrupted : exitCodes.well
}

interface Running {
  /** What ends each part, the last one first. */
  readonly opened: (() => unknown)[]
  readonly out: (text: string) => void
  /** Keeps the process small, see boundMemory.ts. */
  readonly looksSteadily: ((isOver?: boolean) => void) | undefined
}

async function watchUntilStopped(
  loaded: LoadedSite,
  options: WatchOptions,
  shell: Shell,
  means: WatchMeans,
  { opened, out, looksSteadily }: Running,
): Promise<void> {
  const say = (line: string): void => out(`${timeOf(systemClock.now())} ${line}\n`)
  const settings = watchOf(loaded)
  const look: SiteLookOptions = { ...means, ...(options.from !== undefined && { from: options.from }) }
  const onChoice = (says: string): void => shell.stderr.write(`postern: ${says}\n`)
  const watched = await siteLook(loaded, settings, { ...look, onChoice }, shell)
  const store = historyOf(loaded, { isReader: false, onFault: (says) => say(`history    ${says}`) })
  opened.push(() => store.close())
  const delivery = await openDelivery(settings, loaded, { store, shell, opened, say })

  const { watcher, incidents } = watcherOf(loaded, watched, { store, say, wake: () => delivery.wake() })
  const administration = await openAdministration(
    settings.administrationPort,
    () => formatWatchMetrics(watcher.counts),
    'watch.administration-port',
  )
  if (administration !== undefined) opened.push(() => administration.close())
  out(`${beginningOf(loaded, watched, store, administration?.url).join('\n')}\n\n`)

  const ending = new AbortController()
  const signal = AbortSignal.any([shell.signal, ending.signal])
  const takeUp = async (next: LoadedSite): Promise<void> => {
    const nextSettings = watchOf(next)
    refuseMove(loaded, next)
    const nextLook = await siteLook(next, nextSettings, look, shell)
    await delivery.reload(nextSettings, next)
    incidents.means = meansOf(next, nextLook)
    watcher.reload(nextLook)
    incidents.keepOnly(new Set(nextLook.flows.map(flowKey)))
    say(`site       ${options.site} is read again: ${countsOf(nextLook)}`)
  }
  const again = rereading(loaded, watcher, { site: options.site, everyMs: means.siteEveryMs, takeUp, say })
  const beside = [
    takeMarks(inboxOf(historyFileOf(loaded)), store, { say, signal }),
    stepInTime(incidents, { say, signal }),
    // What came through a pipe does not change.
    ...(options.site === '-' ? [] : [watchSite(again, shell, signal)]),
  ]
  // What the site file was read with goes before the first look.
  looksSteadily?.(true)
  const watching = watcher.run(signal)
  try {
    await Promise.race([watching, Promise.all([...beside, never()])])
  } finally {
    ending.abort()
    await Promise.allSettled([watching, ...beside])
  }
}

/** The watcher, and the incidents that are made of what it is sure of. */
function watcherOf(
  loaded: LoadedSite,
  watched: SiteLook,
  {
    store,
    say,
    wake,
  }: { readonly store: HistoryStore; readonly say: (line: string) => void; readonly wake: () => void },
): { readonly watcher: Watcher; readonly incidents: IncidentLoop } {
  const clock: PulseClock = { ...plainClock(systemClock), sinceStartMs: () => uptime() * 1000 }
  const incidents = new IncidentLoop(meansOf(loaded, watched), {
    store,
    now: () => systemClock.now(),
    windows: () => watcher.windows,
    askSoon: (keys) => watcher.callSoon(keys),
    onNews: (news) => {
      for (const line of incidentLines(news)) say(line)
      if (news.hasDeliveries) wake()
    },
  })
  const watcher: Watcher = new Watcher(watched, {
    clock,
    pause,
    random: Math.random,
    store,
    known: incidents.known,
    onSeen: (seen) => incidents.seen(seen),
    onNews: (news) => incidents.take(news),
    onEvent: (event) => {
      const line = lineOf(event)
      if (line !== undefined) say(line)
    },
  })
  return { watcher, incidents }
}

/** How the site file is read again, and what is marked of it. */
function rereading(
  { site: { site: name }, text }: LoadedSite,
  watcher: Pick<Watcher, 'mark'>,
  {
    site,
    everyMs = 2000,
    takeUp,
    say,
  }: {
    readonly site: string
    readonly everyMs: number | undefined
    readonly takeUp: (next: LoadedSite) => Promise<void>
    readonly say: (line: string) => void
  },
): SiteWatch {
  const mark = (kind: 'site-reloaded' | 'site-refused'): void => watcher.mark({ at: systemClock.now(), kind, name })
  return {
    file: site,
    text,
    everyMs,
    pause,
    async take(next) {
      await takeUp(next)
      mark('site-reloaded')
    },
    onRefused(lines) {
      mark('site-refused')
      say(`site       ${site} has changed and is refused, the one before stays`)
      for (const line of lines) say(`           ${visible(line)}`)
    },
  }
}

/** The others end only by throwing, or when the watcher does. */
function never(): Promise<never> {
  return new Promise(() => {})
}

function plainClock(clock: Clock): Clock {
  return { now: () => clock.now(), monotonicMs: () => clock.monotonicMs() }
}

function meansOf({ site }: LoadedSite, { from, settings }: SiteLook): IncidentMeans {
  return {
    site: site.site,
    from,
    settings: incidentDefaults,
    outlets: settings.outlets,
    newId: randomUUID,
  }
}

/** The file of the history and the port are taken at the start: another one would be another watcher. */
function refuseMove(before: LoadedSite, after: LoadedSite): void {
  const [was, is] = [watchOf(before), watchOf(after)]
  if (historyFileOf(before) !== historyFileOf(after)) {
    throw new UsageError(`${after.file}: watch.history.file has changed, which only a restart takes up`)
  }
  if (was.administrationPort !== is.administrationPort) {
    throw new UsageError(`${after.file}: watch.administration-port has changed, which only a restart takes up`)
  }
}

interface Beside {
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** Takes marks that other processes left; one that cannot be written stays where it is. */
async function takeMarks(folder: string, store: HistoryStore, { say, signal }: Beside): Promise<void> {
  while (!signal.aborted) {
    for (const { mark, remove } of waitingMarks(folder)) {
      const { at, kind, name } = mark
      // Taken before, by a process that was ended before it could remove it.
      const isKept = store.marks({ from: at, to: at + 1 }).some((one) => one.kind === kind && one.name === name)
      try {
        if (!isKept) await store.write({ marks: [mark] })
      } catch {
        break
      }
      remove()
      if (!isKept) say(`change     ${visible(name)} ${kind === 'change-start' ? 'begins' : 'ends'}`)
    }
    await pause(marksEveryMs, signal)
  }
}

/** Lets incidents go on where time alone moves them. */
async function stepInTime(incidents: IncidentLoop, { say, signal }: Beside): Promise<void> {
  let isTold = false
  while (!signal.aborted) {
    await pause(1000, signal)
    if (signal.aborted || !incidents.isDue) continue
    try {
      await incidents.take([])
      isTold = false
    } catch (error) {
      if (!isTold) say(`history    incidents cannot be kept: ${error instanceof Error ? error.message : 'unknown'}`)
      isTold = true
    }
  }
}

function countsOf({ flows, settings, notAsked, elsewhere }: SiteLook): string {
  const ends = new Set(flows.map(({ to }) => to)).size
  const others = [
    ...(notAsked > 0 ? [`${notAsked} that nothing can be asked of`] : []),
    ...(elsewhere > 0 ? [`${elsewhere} of other machines`] : []),
  ]
  const left = others.length === 0 ? '' : `; not looked at: ${others.join(', ')}`
  return `${flows.length} flows to ${ends} ends, every ${settings.everySeconds} s${left}`
}

function beginningOf(
  loaded: LoadedSite,
  watched: SiteLook,
  store: HistoryStore,
  url: string | undefined,
): readonly string[] {
  const { site } = loaded
  const { settings, from } = watched
  const open = store.openIncidents().length
  const told = settings.outlets.map(
    ({ name, kind, least }) => `${name} (${kind}${least === undefined ? '' : `, ${least} and graver`})`,
  )
  return [
    `Postern watches ${visible(site.site)} from ${visible(from)}: ${countsOf(watched)}.`,
    `The history: ${settings.history.file}${open === 0 ? '' : `, with ${open} open incidents`}.`,
    told.length === 0 ? 'Nobody is told: watch.outlets of the site file is empty.' : `Told: ${told.join(', ')}.`,
    ...(url === undefined ? [] : [`Metrics: ${url}/metrics`]),
    'Ctrl-C ends it.',
  ]
}
