import type { ServiceTags } from '../catalog/serviceTags.ts'
import type { LoadedSite, Remedy } from '../config/index.ts'
import { formatConfigErrors } from '../config/index.ts'
import type { ServedGate } from './servedGate.ts'
import { UsageError } from './shell.ts'

/**
 * Microsoft's address ranges, where the site file names the file that has them.
 *
 * @throws UsageError for a file that cannot be read, and for a tag of a route that it does not have
 */
export async function publishedRangesOf(
  { gate, routes }: Pick<ServedGate, 'gate' | 'routes'>,
  loaded: LoadedSite,
): Promise<ServiceTags | undefined> {
  if (gate.serviceTags === undefined) return undefined
  const { readServiceTags } = await import('../config/readServiceTags.ts')
  const read = await readServiceTags(gate.serviceTags, loaded.folder)
  const unusable = (fault: Remedy): UsageError =>
    new UsageError(...formatConfigErrors([loaded.errorAt(['gate', 'service-tags'], fault)]))
  if ('what' in read) throw unusable(read)
  const asked = routes.flatMap(({ allow }) => allow.flatMap(({ serviceTags = [] }) => serviceTags))
  const missing = asked.find((tag) => !read.ok.has(tag))
  if (missing === undefined) return read.ok
  throw unusable({
    what: `the file has no service tag ${missing}, which a route asks for`,
    right: 'write one that it has',
  })
}
