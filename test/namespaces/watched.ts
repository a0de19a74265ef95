/** `postern watch` as a process on the client of the routed network, and what it told. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Alert, Incident } from '../../src/model/incident.ts'
import type { WatchProcess } from '../watch/watchCommand.ts'
import { keptBy, startWatch } from '../watch/watchCommand.ts'
import type { Rig } from './rig.ts'

/** A site that is watched from the client, with a history of its own. */
export interface WatchedRig {
  /** Starts the watcher and waits until it watches; with a clock that is ahead by so many seconds. */
  start(aheadSeconds?: number): Promise<WatchProcess>
  /** What the outlet was given so far, in its order. */
  alerts(): readonly Alert[]
  /** The same, once there are so many. */
  told(count: number, signal: AbortSignal): Promise<readonly Alert[]>
  incidents(): readonly Incident[]
}

export interface WatchWishes {
  readonly timeoutMs?: number
  readonly confirmations?: number
}

/** The library by which a program is told another time: the loader knows where $LIB is. */
const otherTime = '/usr/$LIB/faketime/libfaketime.so.1'

/** @param site text of a site file without `watch`, in which the host `here` is the client */
export async function watchedRig(
  t: TestContext,
  rig: Rig,
  site: string,
  { timeoutMs = 1000, confirmations = 3 }: WatchWishes = {},
): Promise<WatchedRig> {
  const folder = await mkdtemp(join(rig.folder, 'watched-'))
  const own = basename(folder)
  const file = join(rig.folder, `${own}.yaml`)
  await writeFile(
    file,
    `${site}watch:
  every-seconds: 5
  timeout-ms: ${timeoutMs}
  confirmations: ${confirmations}
  administration-port: 0
  history: { file: ${own}/postern-history.sqlite }
  outlets: { log: { kind: file, path: ${own}/alerts.jsonl } }
`,
  )
  const told = join(folder, 'alerts.jsonl')
  const alerts = (): readonly Alert[] => {
    if (!existsSync(told)) return []
    const lines = readFileSync(told, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line): Alert => JSON.parse(line))
  }
  return {
    async start(aheadSeconds = 0) {
      const clock = aheadSeconds === 0 ? {} : { LD_PRELOAD: otherTime, FAKETIME: `+${aheadSeconds}` }
      const env = { ...clock, NODE_COMPILE_CACHE: join(rig.folder, 'compiled') }
      const watch = startWatch(file, ['--from', 'here'], env, (...command) => rig.within('client', ...command))
      t.after(() => watch.kill('SIGKILL'))
      await watch.heard(/Ctrl-C ends it/)
      return watch
    },
    alerts,
    async told(count, signal) {
      while (alerts().length < count) await sleep(100, undefined, { signal })
      return alerts()
    },
    incidents() {
      const kept = keptBy({ folder })
      try {
        return kept.incidents({ from: 0, to: Number.MAX_SAFE_INTEGER }, 1000)
      } finally {
        kept.close()
      }
    },
  }
}
