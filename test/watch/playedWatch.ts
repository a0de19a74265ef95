import { setImmediate } from 'node:timers/promises'
import { usualWatch } from '../../src/config/watchSchema.ts'
import type { Flow } from '../../src/model/flow.ts'
import type { FlowReport } from '../../src/model/report.ts'
import type { WatchSettings } from '../../src/model/watch.ts'
import type { ConfirmedNews } from '../../src/watch/news.ts'
import type { WatchEvent } from '../../src/watch/watchEvent.ts'
import type { Watched, WatcherParts } from '../../src/watch/watcher.ts'
import { Watcher } from '../../src/watch/watcher.ts'
import type { MemoryHistory } from './memoryHistory.ts'
import { memoryHistory } from './memoryHistory.ts'
import { checkReport, reportOf } from './plannedFlow.ts'

export const playedStart = Date.parse('2026-03-28T12:00:00Z')

/** A watcher whose clock, timer, dice and network are played. */
export interface PlayedWatch {
  readonly watcher: Watcher
  readonly history: MemoryHistory
  readonly events: WatchEvent[]
  readonly news: ConfirmedNews[]
  /** Looks at flows so far: when, and at which ends. */
  readonly looks: { readonly at: number; readonly to: readonly string[] }[]
  readonly clock: { wall: number; monotonic: number; sinceStart: number }
  /** What happens at a time, before anything else does then. */
  at(ms: number, what: () => void): void
  /** Watches from now on for so long, and ends it as a signal does. */
  play(ms: number): Promise<void>
  watched(flows: readonly Flow[], settings?: Partial<WatchSettings>): Watched
}

export interface Played {
  readonly flows: readonly Flow[]
  readonly settings?: Partial<WatchSettings>
  /** How a look at a flow ends. */
  readonly answer?: (flow: Flow, at: number) => Partial<FlowReport>
  readonly history?: MemoryHistory
  readonly parts?: Partial<WatcherParts>
  readonly start?: number
}

export function playedWatch({ flows, settings, answer, history = memoryHistory(), parts, start }: Played): PlayedWatch {
  const clock = { wall: start ?? playedStart, monotonic: 0, sinceStart: 0 }
  const events: WatchEvent[] = []
  const news: ConfirmedNews[] = []
  const looks: PlayedWatch['looks'] = []
  const plans: { readonly at: number; readonly what: () => void }[] = []
  let dice = 11
  const begin = clock.wall
  let passed = 0
  const watched = (some: readonly Flow[], altered: Partial<WatchSettings> = {}): Watched => ({
    flows: some,
    settings: { ...usualWatch(), ...altered },
    async look(asked, { onSettled }) {
      looks.push({ at: clock.wall, to: [...new Set(asked.map(({ to }) => to))] })
      const reports = asked.map((flow) => reportOf(flow, answer?.(flow, clock.wall)))
      for (const _ of asked) onSettled()
      return checkReport(clock.wall, reports)
    },
  })
  const pause = async (ms: number): Promise<void> => {
    clock.wall += ms
    clock.monotonic += ms
    clock.sinceStart += ms
    passed += ms
    for (const plan of plans.filter(({ at }) => at <= passed)) {
      plans.splice(plans.indexOf(plan), 1)
      plan.what()
    }
    await setImmediate()
  }
  const watcher = new Watcher(watched(flows, settings), {
    clock: {
      now: () => clock.wall,
      monotonicMs: () => clock.monotonic,
      sinceStartMs: () => clock.sinceStart,
    },
    pause,
    random() {
      dice = (dice * 48_271) % 2_147_483_647
      return dice / 2_147_483_647
    },
    store: history,
    onNews: async (some) => {
      news.push(...some)
    },
    onEvent: (event) => events.push(event),
    ...parts,
  })
  return {
    ...{ watcher, history, events, news, looks, clock, watched },
    at: (ms, what) => plans.push({ at: clock.wall - begin + ms, what }),
    async play(ms) {
      const stop = new AbortController()
      plans.push({ at: passed + ms, what: () => stop.abort() })
      await watcher.run(stop.signal)
    },
  }
}
