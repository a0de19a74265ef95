import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { LoadedSite } from '../config/index.ts'
import { formatConfigErrors } from '../config/index.ts'
import { planSize } from '../plan/planSize.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/** The site file that is read where none is named. */
export const usualSiteFile = './postern.yaml'

/**
 * As many flows as one plan may have: some 250 MB of JSON, half of the longest text that the platform can hold. The
 * largest site that a person describes host by host has a few thousand.
 */
const mostFlows = 200_000

/**
 * Reads the site file for a verb.
 *
 * @param planned whether its flows are wanted; a site with too many of them is refused then
 * @param orElse what can be done without a site file, for who has none
 * @throws UsageError with one line for each thing that is wrong in it
 */
export async function siteFrom(file: string, shell: Shell, planned = true, orElse = ''): Promise<LoadedSite> {
  // Loaded here and not at the top: YAML and schema libraries cost more than the rest of the program.
  const { loadSite } = await import('../config/loadSite.ts')
  const loaded = await loadSite(file, shell.cwd, { input: shell.stdin, signal: shell.signal })
  if ('errors' in loaded && shell.signal.aborted) throw new UsageError(`${file}: stopped before the site file was read`)
  if ('errors' in loaded) {
    // Nobody named it: who tries the program for the first time has none.
    if (file === usualSiteFile && !existsSync(resolve(shell.cwd, file))) {
      throw new UsageError(
        `${file}:1:1: there is no site file here, name one with --site FILE or write one: postern init${orElse}`,
      )
    }
    throw new UsageError(...formatConfigErrors(loaded.errors))
  }
  const size = planned ? planSize(loaded.ok.site) : 0
  if (size > mostFlows) {
    const [has, most] = [size, mostFlows].map((count) => count.toLocaleString('en'))
    throw new UsageError(
      `${file}:1:1: the hosts of this site come to about ${has} flows, at most ${most} are planned at once: ` +
        'give each location a site file of its own, or one name to hosts that are alike',
    )
  }
  return loaded.ok
}
