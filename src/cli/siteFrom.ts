import type { LoadedSite } from '../config/index.ts'
import { formatConfigErrors } from '../config/index.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/**
 * Reads the site file for a verb.
 *
 * @throws UsageError with one line for each thing that is wrong in it
 */
export async function siteFrom(file: string, shell: Shell): Promise<LoadedSite> {
  // Loaded here and not at the top: YAML and schema libraries cost more than the rest of the program.
  const { loadSite } = await import('../config/loadSite.ts')
  const loaded = await loadSite(file, shell.cwd)
  if ('errors' in loaded) throw new UsageError(...formatConfigErrors(loaded.errors))
  return loaded.ok
}
