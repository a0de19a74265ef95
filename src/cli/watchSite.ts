import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { LoadedSite } from '../config/index.ts'
import { formatConfigErrors } from '../config/index.ts'
import { loadSite } from '../config/loadSite.ts'
import { reasonOf } from '../config/reasonOf.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

export interface SiteWatch {
  readonly file: string
  /** The text that is in use. */
  readonly text: string
  readonly everyMs: number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** Takes a site file that was read whole, or throws a UsageError, and the one before stays. */
  readonly take: (loaded: LoadedSite) => Promise<void>
  /** Hears once of each text why it was not taken. */
  readonly onRefused: (lines: readonly string[]) => void
}

/**
 * Looks at a site file again and again until the signal aborts. A new text counts at the second look that finds it: at
 * the first one it may be half written.
 */
export async function watchSite(watch: SiteWatch, shell: Shell, signal: AbortSignal): Promise<void> {
  const path = resolve(shell.cwd, watch.file)
  let [taken, seen] = [watch.text, watch.text]
  let refused: string | undefined
  for (;;) {
    await watch.pause(watch.everyMs, signal)
    if (signal.aborted) return
    const text = await readFile(path, 'utf8').catch((error: unknown) => ({ why: reasonOf(error) }))
    const found = typeof text === 'string' ? text : `\0${text.why}`
    const isSettled = found === seen
    seen = found
    if (found === taken) refused = undefined
    if (!isSettled || found === taken || found === refused) continue
    const lines = await takeFrom(watch, shell, signal)
    if (signal.aborted) return
    if (lines === undefined) {
      taken = found
      refused = undefined
    } else {
      refused = found
      watch.onRefused(lines)
    }
  }
}

/** @returns what is wrong with it; undefined once it is taken */
async function takeFrom(
  { file, take }: SiteWatch,
  shell: Shell,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const loaded = await loadSite(file, shell.cwd, { signal })
  if ('errors' in loaded) return formatConfigErrors(loaded.errors)
  try {
    await take(loaded.ok)
    return undefined
  } catch (error) {
    if (error instanceof UsageError) return error.lines
    throw error
  }
}
