import { quoted } from '../config/quoted.ts'
import { reasonOf } from '../config/reasonOf.ts'
import { readLabel } from '../config/siteTexts.ts'
import { systemClock } from '../net/clock.ts'
import { inboxOf, leaveMark } from '../store/marks/markInbox.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { WatchOptions } from './verbs/watch.ts'
import { historyFileOf } from './watchHistory.ts'

/** `postern watch --change start|end NAME`: left for the watcher that writes the history, which need not run now. */
export async function markChange(
  word: string,
  name: string | undefined,
  options: Pick<WatchOptions, 'site' | 'quiet'>,
  shell: Shell,
): Promise<number> {
  if (word !== 'start' && word !== 'end')
    throw new UsageError(`--change: ${quoted(word)} is none of start, end and report`)
  if (name === undefined) throw new UsageError(`--change: name the change: postern watch --change ${word} NAME`)
  const read = readLabel(name)
  if (!('ok' in read)) throw new UsageError(`--change: ${read.what}, ${read.right}`)
  const folder = inboxOf(historyFileOf(await siteFrom(options.site, shell, false)))
  try {
    leaveMark(folder, { at: systemClock.now(), kind: `change-${word}`, name: read.ok })
  } catch (error) {
    throw new UsageError(`--change: ${folder} cannot be written: ${reasonOf(error)}`)
  }
  if (options.quiet !== true) {
    shell.stdout.write(`The ${word === 'start' ? 'begin' : 'end'} of the change ${read.ok} is left for the watcher.\n`)
  }
  return exitCodes.well
}
