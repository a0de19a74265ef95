import { resolve } from 'node:path'
import type { LoadedSite } from '../config/index.ts'
import { quoted } from '../config/quoted.ts'
import { usualWatch } from '../config/watchSchema.ts'
import type { WatchSettings } from '../model/watch.ts'
import { systemClock } from '../net/clock.ts'
import type { HistoryStore } from '../store/history/index.ts'
import { openHistory } from '../store/history/index.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { WatchOptions } from './verbs/watch.ts'

/** `watch:` of a site file, or what is usual. */
export function watchOf({ site }: LoadedSite): WatchSettings {
  return site.watch ?? usualWatch()
}

/** Absolute path of the history of a site. */
export function historyFileOf(loaded: LoadedSite): string {
  return resolve(loaded.folder, watchOf(loaded).history.file)
}

/**
 * Opens the history of a site: to write it, which one process does, or to read it beside that one.
 *
 * @throws UsageError with who holds it, or what else is wrong
 */
export function historyOf(
  loaded: LoadedSite,
  { isReader, onFault }: { readonly isReader: boolean; readonly onFault?: (says: string) => void },
): HistoryStore {
  const { file: _, ...settings } = watchOf(loaded).history
  const opened = openHistory({
    file: historyFileOf(loaded),
    settings,
    now: () => systemClock.now(),
    pid: process.pid,
    isReader,
    ...(onFault !== undefined && { onFault: ({ what, right }) => onFault(`${what}, ${right}`) }),
  })
  if ('what' in opened) throw new UsageError(`${opened.what}, ${opened.right}`)
  return opened
}

/** `postern watch --backup FILE`. */
export async function backUpHistory(
  file: string,
  options: Pick<WatchOptions, 'site' | 'quiet'>,
  shell: Shell,
): Promise<number> {
  const loaded = await siteFrom(options.site, shell, false)
  const history = historyOf(loaded, { isReader: true })
  try {
    await history.backUp(resolve(shell.cwd, file), shell.signal)
  } catch (error) {
    if (shell.signal.aborted) return exitCodes.interrupted
    throw new UsageError(
      `--backup: ${quoted(file)} cannot be written: ${error instanceof Error ? error.message : 'unknown'}`,
    )
  } finally {
    history.close()
  }
  if (options.quiet !== true) shell.stdout.write(`The history is copied to ${file}.\n`)
  return exitCodes.well
}
