import { randomUUID } from 'node:crypto'
import { visible } from '../config/quoted.ts'
import { unknownWord } from '../config/unknownWord.ts'
import { systemClock } from '../net/clock.ts'
import { tryOutlet, tryWords } from '../outlets/tryOutlet.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import { openSiteOutlets } from './siteOutlets.ts'
import type { WatchOptions } from './verbs/watch.ts'
import { watchOf } from './watchHistory.ts'

/** `postern watch --test-outlet NAME`: one alert that says of itself that it is a test. */
export async function testOutlet(
  name: string,
  options: Pick<WatchOptions, 'site' | 'from'>,
  shell: Shell,
): Promise<number> {
  const loaded = await siteFrom(options.site, shell, false)
  const { outlets } = watchOf(loaded)
  const chosen = outlets.filter((outlet) => outlet.name === name)
  if (chosen.length === 0) {
    const names = outlets.map((outlet) => outlet.name)
    if (names.length === 0)
      throw new UsageError(`--test-outlet: ${loaded.file} has no outlets, write some under watch.outlets`)
    const { what, right } = unknownWord('outlet', name, names)
    throw new UsageError(`--test-outlet: ${what} in ${loaded.file}, ${right}`)
  }
  const opened = await openSiteOutlets(chosen, loaded, shell, shell.signal)
  try {
    const [outlet] = opened.outlets
    if (outlet === undefined) throw new Error('an outlet was opened and is not there')
    const delivery = await tryOutlet(outlet, {
      site: loaded.site.site,
      from: options.from ?? loaded.site.site,
      id: randomUUID(),
      now: systemClock.now(),
      signal: shell.signal,
    })
    shell.stdout.write(`${visible(tryWords(outlet, delivery))}\n`)
    if (shell.signal.aborted) return exitCodes.interrupted
    return delivery.kind === 'taken' ? exitCodes.well : exitCodes.findings
  } finally {
    await opened.close()
  }
}
