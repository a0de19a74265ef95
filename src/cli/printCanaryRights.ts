import { visible } from '../config/quoted.ts'
import { canaryRights } from '../watch/canary/index.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { WatchOptions } from './verbs/watch.ts'
import { watchOf } from './watchHistory.ts'

/**
 * Prints the least right that the canary of a site needs.
 *
 * @throws UsageError where the site has none
 */
export async function printCanaryRights(options: Pick<WatchOptions, 'site'>, shell: Shell): Promise<number> {
  const loaded = await siteFrom(options.site, shell)
  const { canary } = watchOf(loaded)
  if (canary === undefined) {
    throw new UsageError(
      `${loaded.file}: there is no canary, write watch.canary with object, directory, account and target`,
    )
  }
  shell.stdout.write(`${canaryRights(canary).map(visible).join('\n')}\n`)
  return exitCodes.well
}
