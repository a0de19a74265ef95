import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Flow } from '../../src/model/flow.ts'
import { flowKey } from '../../src/model/flow.ts'
import type { Sample } from '../../src/model/sample.ts'
import type { Measure, Reading } from '../../src/model/series.ts'
import type { TimeLine } from '../../src/series/index.ts'
import { zoneClock } from '../../src/series/index.ts'
import type { HistoryStore } from '../../src/store/history/index.ts'
import type { Judged, JudgeParts } from '../../src/watch/judgement/index.ts'
import { Judge } from '../../src/watch/judgement/index.ts'
import type { ConfirmedNews } from '../../src/watch/news.ts'
import { historyFolder, historyOptions, openedHistory } from '../historyFolder.ts'

/** A judge over a real history, whose clock is played. */
export interface PlayedJudge {
  readonly store: HistoryStore
  readonly clock: { now: number }
  readonly news: ConfirmedNews[]
  judge: Judge
  /** Lets so much time pass, a beat every so often; a round of all subjects takes a minute of beats. */
  play(ms: number, everyMs?: number): Promise<void>
  /** Another process goes on with the same history. */
  restart(): void
}

export function playedJudge(
  t: TestContext,
  flows: readonly Flow[],
  now: number,
  { judged, parts }: { readonly judged?: Partial<Judged>; readonly parts?: Partial<JudgeParts> } = {},
): PlayedJudge {
  const clock = { now }
  const folder = historyFolder(t)
  const settings = { rawDays: 60, failureDays: 60, sketchDays: 365, mostMib: 512 }
  const store = openedHistory(t, historyOptions(folder, { settings, now: () => clock.now }))
  const news: ConfirmedNews[] = []
  const utc = zoneClock('UTC')
  assert.ok(utc)
  const open = (): Judge =>
    new Judge(
      { flows, timeoutMs: 3000, confirmations: 3, objective: 0.999, clock: utc, ...judged },
      {
        store,
        now: () => clock.now,
        monotonicMs: () => 0,
        onNews: async (some) => {
          news.push(...some)
        },
        onTrouble: (why) => assert.fail(why),
        ...parts,
      },
    )
  const played: PlayedJudge = {
    store,
    clock,
    news,
    judge: open(),
    async play(ms, everyMs = 60_000) {
      for (const until = clock.now + ms; clock.now < until; ) {
        clock.now += everyMs
        await played.judge.beat()
        // What is kept on the disk takes a turn of its own.
        await setImmediate()
      }
    },
    restart() {
      played.judge = open()
    },
  }
  return played
}

/** Readings of a flow, and a look that was well for each, where nothing says that it was lost. */
export async function writeLine(
  store: HistoryStore,
  flow: Flow,
  lines: Readonly<Partial<Record<Measure, TimeLine>>>,
  isLost: (at: number) => boolean = () => false,
): Promise<void> {
  const key = flowKey(flow)
  const readings: Reading[] = []
  const samples: Sample[] = []
  for (const [measure, line] of Object.entries(lines) as [Measure, TimeLine][]) {
    for (const [place, at] of line.times.entries()) {
      const lost = isLost(at)
      if (!lost) readings.push({ subject: key, measure, at: Math.floor(at), value: line.values[place] ?? 0 })
      if (measure === 'connect-ms') samples.push(lookOf(key, Math.floor(at), !lost))
    }
  }
  await store.write({ readings, samples })
}

export function lookOf(key: string, at: number, isWell: boolean, told: Partial<Sample> = {}): Sample {
  return {
    key,
    at,
    verdict: isWell ? 'open' : 'blocked',
    confidence: 'certain',
    timing: { dnsMs: null, connectMs: isWell ? 12 : null, tlsMs: null, firstByteMs: null },
    isWell,
    ...(isWell ? {} : { cause: 'filtered-silently' as const }),
    ...told,
  }
}
