import type { LoadedSite } from '../config/index.ts'
import { systemClock } from '../net/clock.ts'
import { zoneClock } from '../series/index.ts'
import type { HistoryStore } from '../store/history/index.ts'
import type { Judged } from '../watch/judgement/index.ts'
import { connectionReadings, Judge, judgedSignIn } from '../watch/judgement/index.ts'
import type { ConfirmedNews } from '../watch/news.ts'
import type { Seen } from '../watch/record/index.ts'
import { connectionsNow, localPortCount } from './connectionsNow.ts'
import { pause } from './pause.ts'
import { siteExpiries } from './siteExpiries.ts'
import type { SiteLook } from './siteLook.ts'

export interface JudgeMeans {
  readonly store: HistoryStore
  readonly onNews: (news: readonly ConfirmedNews[]) => Promise<void>
  readonly say: (line: string) => void
  /** What a test plays. */
  readonly connectionsNow?: typeof connectionsNow
}

/** What shows over time, judged beside a watcher. */
export interface WatchJudge {
  readonly counts: Judge['counts']
  seen(seen: readonly Seen[]): void
  reload(loaded: LoadedSite, watched: SiteLook): Promise<void>
  /** Judges, and counts connections, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

const beatMs = 1000
const countEveryMs = 60_000

export async function openWatchJudge(loaded: LoadedSite, watched: SiteLook, means: JudgeMeans): Promise<WatchJudge> {
  const { store, onNews, say } = means
  const judge = new Judge(await judgedOf(loaded, watched), {
    store,
    now: () => systemClock.now(),
    monotonicMs: () => systemClock.monotonicMs(),
    onNews,
    onTrouble: (why) => say(`history    what shows over time cannot be kept, and is kept as soon as it can: ${why}`),
  })
  return {
    get counts() {
      return judge.counts
    },
    seen: (seen) => judge.seen(seen),
    reload: async (next, look) => judge.reload(await judgedOf(next, look)),
    async run(signal) {
      await Promise.all([beats(judge, say, signal), countConnections(judge, watched.from, means, signal)])
    },
  }
}

async function judgedOf(loaded: LoadedSite, { flows, settings, from }: SiteLook): Promise<Judged> {
  const { timeoutMs, confirmations, objective } = settings
  const zone = settings.zone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
  const clock = zoneClock(zone) ?? { zone: 'UTC', offsetAt: () => 0 }
  const others = settings.signIns.map(({ name }) => judgedSignIn(name, from))
  return { flows, others, expiring: await siteExpiries(loaded), timeoutMs, confirmations, objective, clock }
}

async function beats(judge: Judge, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  let isTold = false
  while (!signal.aborted) {
    await pause(beatMs, signal)
    if (signal.aborted) return
    try {
      await judge.beat()
      isTold = false
    } catch (error) {
      // A history that cannot be read now: looks go on.
      if (!isTold) say(`history    cannot be judged: ${error instanceof Error ? error.message : 'unknown'}`)
      isTold = true
    }
  }
}

/** Counts this machine's connections to the ends of flows, once a minute. */
async function countConnections(
  judge: Judge,
  from: string,
  { store, connectionsNow: count = connectionsNow }: JudgeMeans,
  signal: AbortSignal,
): Promise<void> {
  const counted = new Set<string>()
  while (!signal.aborted) {
    await pause(countEveryMs, signal)
    if (signal.aborted) return
    const counts = await count(signal)
    // No system that does not tell begins to.
    if (counts === undefined) return
    const readings = connectionReadings(counts, judge.targets, counted, Math.floor(systemClock.now()))
    for (const { subject } of readings) counted.add(subject)
    const kept = await store.write({ readings }).then(
      () => true,
      () => false,
    )
    if (!kept) continue
    const most = await localPortCount(signal)
    const limit = most === undefined ? undefined : { most, of: `ports of ${from} to dial one place from` }
    judge.limited([...counted], limit)
  }
}
