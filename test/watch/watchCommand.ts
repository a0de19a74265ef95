/** `postern watch` as a process, on the small network. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Lab } from '../../src/lab/index.ts'
import { systemClock } from '../../src/net/clock.ts'
import type { HistoryStore } from '../../src/store/history/index.ts'
import { openHistory } from '../../src/store/history/index.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface WatchProcess {
  /** Everything that it printed so far, on both outputs. */
  readonly said: string
  /** Resolves once something has been printed, so many times; rejects when the process ends before, with what it said. */
  heard(pattern: RegExp, times?: number): Promise<string>
  kill(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  readonly pid: number
  /** The exit code; undefined after a signal that it does not survive. */
  readonly ended: Promise<number | undefined>
}

/** A command line as it is run: elsewhere, or by way of another program, which becomes it. */
export type Through = (command: string, ...args: readonly string[]) => readonly [string, ...string[]]

/** Starts the verb with some words, on a site file. */
export function startWatch(
  site: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  through: Through = (...command) => command,
): WatchProcess {
  const [program, ...args] = through(process.execPath, main, 'watch', '--site', site, ...words)
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const waiting = new Set<() => void>()
  const hear = (part: string): void => {
    said += part
    for (const look of waiting) look()
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  const ended = once(child, 'close').then(([code]: readonly unknown[]) => (typeof code === 'number' ? code : undefined))
  return {
    get said() {
      return said
    },
    heard(pattern, times = 1) {
      const each = new RegExp(pattern.source, 'g')
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const found = said.match(each)?.[times - 1]
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
        void ended.then(() => reject(new Error(`it ended before it said ${String(pattern)}:\n${said}`)))
      })
    },
    kill: (signal) => child.kill(signal),
    pid: child.pid ?? 0,
    ended,
  }
}

/** A site file beside that of the small network, with settings of the watcher. */
export async function watchedSite(lab: Lab, settings: string): Promise<string> {
  const file = join(lab.folder, 'watched.yaml')
  await writeFile(file, `${lab.siteYaml}\nwatch:\n${settings}`)
  return file
}

/** What a watcher whose site file is in a folder has kept, for questions; to be closed. */
export function keptBy({ folder }: Pick<Lab, 'folder'>): HistoryStore {
  const opened = openHistory({
    file: join(folder, 'postern-history.sqlite'),
    settings: { rawDays: 14, failureDays: 90, sketchDays: 1095, mostMib: 4096 },
    now: () => systemClock.now(),
    pid: process.pid,
    isReader: true,
  })
  if ('what' in opened) throw new Error(opened.what)
  return opened
}
