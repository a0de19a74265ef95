import { randomUUID } from 'node:crypto'
import { uptime } from 'node:os'
import type { LoadedSite } from '../config/index.ts'
import { visible } from '../config/quoted.ts'
import { flowKey } from '../model/flow.ts'
import type { Mark } from '../model/sample.ts'
import type { Clock } from '../net/clock.ts'
import { systemClock } from '../net/clock.ts'
import type { HistoryStore } from '../store/history/index.ts'
import { inboxOf } from '../store/marks/markInbox.ts'
import type { IncidentMeans } from '../watch/incident/index.ts'
import { incidentDefaults } from '../watch/incident/index.ts'
import { IncidentLoop } from '../watch/incidentLoop.ts'
import type { ConfirmedNews } from '../watch/news.ts'
import type { PulseClock } from '../watch/schedule/index.ts'
import type { WatchEvent } from '../watch/watchEvent.ts'
import { Watcher } from '../watch/watcher.ts'
import { closeAll } from './closeAll.ts'
import { openDelivery } from './openDelivery.ts'
import type { OpenEvents } from './openEvents.ts'
import { openEvents } from './openEvents.ts'
import { watchSignInLogs } from './openSignInLogs.ts'
import type { WatchApi } from './openWatchApi.ts'
import { openWatchApi } from './openWatchApi.ts'
import { pause } from './pause.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { SiteLook, SiteLookOptions } from './siteLook.ts'
import { siteLook } from './siteLook.ts'
import { openSiteSignIns } from './siteSignIns.ts'
import { takeMarks } from './takeMarks.ts'
import type { WatchOptions } from './verbs/watch.ts'
import { historyFileOf, historyOf, watchOf } from './watchHistory.ts'
import type { WatchJudge } from './watchJudge.ts'
import { openWatchJudge } from './watchJudge.ts'
import { incidentLines, lineOf, timeOf } from './watchLines.ts'
import type { SiteWatch } from './watchSite.ts'
import { watchSite } from './watchSite.ts'

/** What a test plays. */
export interface WatchMeans extends Omit<SiteLookOptions, 'from' | 'onChoice'> {
  readonly siteEveryMs?: number
}

/** The last looks end, and what they came to is written, within this; in milliseconds. */
const stopMs = 10_000

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
  let watched = await siteLook(loaded, settings, { ...look, onChoice }, shell)
  const store = historyOf(loaded, { isReader: false, onFault: (says) => say(`history    ${says}`) })
  opened.push(() => store.close())
  const delivery = await openDelivery(settings, loaded, { store, shell, opened, say })
  const events = await openEvents(settings, loaded, { store, opened, say, wake: () => delivery.wake() })

  const { watcher, incidents } = watcherOf(loaded, watched, {
    store,
    say,
    wake: () => delivery.wake(),
    events,
    api: () => api,
    judge: () => judge,
  })
  const judge: WatchJudge = await openWatchJudge(loaded, watched, {
    store,
    say,
    async onNews(news) {
      await incidents.take(news)
      for (const one of news) tell(one)
    },
  })
  const tell = (news: ConfirmedNews): void => {
    const event: WatchEvent = { kind: 'news', news }
    const line = lineOf(event)
    if (line !== undefined) say(line)
    api.onEvent(event)
  }
  const sayChange = ({ kind, name }: Mark): void =>
    say(`change     ${visible(name)} ${kind === 'change-start' ? 'begins' : 'ends'}`)
  const api: WatchApi = await openWatchApi({
    ...{ site: loaded.site.site, from: watched.from, store, historyFile: historyFileOf(loaded) },
    port: settings.administrationPort,
    now: () => systemClock.now(),
    watched: () => watched,
    counts: () => watcher.counts,
    windows: () => watcher.windows,
    edit: (change) => incidents.edit(change),
    onChange: sayChange,
    onFault: (says) => say(`bug        a request ended in an error, please report it: ${visible(says)}`),
  })
  opened.push(() => api.close())
  out(`${beginningOf(loaded, watched, store, api.url).join('\n')}\n\n`)

  const signIns = await openSiteSignIns(loaded, settings, watched.from, {
    ...{ store, incidents, say, tell, pause, shell, clock: pulseClock() },
    ...(means.machineRoots !== undefined && { machineRoots: means.machineRoots }),
  })

  const ending = new AbortController()
  const signal = AbortSignal.any([shell.signal, ending.signal])
  const takeUp = async (next: LoadedSite): Promise<void> => {
    const nextSettings = watchOf(next)
    refuseMove(loaded, next)
    const nextLook = await siteLook(next, nextSettings, look, shell)
    await delivery.reload(nextSettings, next)
    await events.reload(nextSettings, next)
    await judge.reload(next, nextLook)
    await signIns.reload(next, nextSettings, nextLook.from)
    watched = nextLook
    incidents.means = meansOf(next, nextLook)
    watcher.reload(nextLook)
    incidents.keepOnly(new Set(nextLook.flows.map(flowKey)))
    say(`site       ${options.site} is read again: ${countsOf(nextLook)}`)
  }
  const mark = (made: Mark): void => {
    watcher.mark(made)
    // That another file is in use is told by what it holds.
    if (made.kind !== 'site-reloaded') void events.onMark(made)
    api.onMark(made)
  }
  const onMark = (made: Mark): void => {
    sayChange(made)
    void events.onMark(made)
    api.onMark(made)
  }
  const again = rereading(loaded, { mark }, { site: options.site, everyMs: means.siteEveryMs, takeUp, say })
  const beside = [
    takeMarks(inboxOf(historyFileOf(loaded)), store, { onMark, signal }),
    stepInTime(incidents, { say, signal }),
    judge.run(signal),
    signIns.run(signal),
    watchSignInLogs(
      loaded,
      settings,
      watched.from,
      {
        ...{ store, shell, say },
        onNews: (news) => incidents.take(news),
        ...(options.signInLogs !== undefined && { file: options.signInLogs }),
      },
      signal,
    ),
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
    events,
    api,
    judge,
  }: {
    readonly store: HistoryStore
    readonly say: (line: string) => void
    readonly wake: () => void
    readonly events: Pick<OpenEvents, 'onNews'>
    /** It is there before anything happens. */
    readonly api: () => WatchApi
    readonly judge: () => WatchJudge
  },
): { readonly watcher: Watcher; readonly incidents: IncidentLoop } {
  const incidents = new IncidentLoop(meansOf(loaded, watched), {
    store,
    now: () => systemClock.now(),
    windows: () => watcher.windows,
    askSoon: (keys) => watcher.callSoon(keys),
    onNews: (news) => {
      for (const line of incidentLines(news)) say(line)
      if (news.hasDeliveries) wake()
      events.onNews(news)
      api().onNews(news)
    },
  })
  const watcher: Watcher = new Watcher(watched, {
    clock: pulseClock(),
    pause,
    random: Math.random,
    store,
    // Keys of flows alone have this sign: what else failed is others' to go on with.
    known: new Map([...incidents.known].filter(([subject]) => subject.includes('|'))),
    onSeen(seen) {
      incidents.seen(seen)
      judge().seen(seen)
      api().onSeen(seen)
    },
    onNews: (news) => incidents.take(news),
    onEvent: (event) => {
      const line = lineOf(event)
      if (line !== undefined) say(line)
      api().onEvent(event)
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

function pulseClock(): PulseClock {
  return { ...plainClock(systemClock), sinceStartMs: () => uptime() * 1000 }
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
    ...(url === undefined
      ? []
      : [`The API: ${url}/api/v1, described by /api/v1/openapi.json; metrics: ${url}/metrics`]),
    'Ctrl-C ends it.',
  ]
}
