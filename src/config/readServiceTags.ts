import { resolve } from 'node:path'
import { ServiceTags } from '../catalog/serviceTags.ts'
import type { Remedy } from './configError.ts'
import { quoted } from './quoted.ts'
import { readBounded } from './readBounded.ts'

/** The largest of these files has some 8 MB. */
const mostOctets = 64 * 1024 * 1024

/** Reads a file of service tags as Microsoft publishes it each week. */
export async function readServiceTags(file: string, folder: string): Promise<{ readonly ok: ServiceTags } | Remedy> {
  const right = 'name a file ServiceTags_Public_DATE.json as Microsoft publishes it'
  const read = await readBounded(resolve(folder, file), mostOctets)
  if ('why' in read) return { what: `${quoted(file)} cannot be read: ${read.why}`, right }
  if ('tooLarge' in read) return { what: `${quoted(file)} is larger than any file of service tags`, right }
  try {
    const tags = ServiceTags.read(JSON.parse(new TextDecoder().decode(read.octets)))
    return tags === undefined ? { what: `${quoted(file)} is no file of service tags`, right } : { ok: tags }
  } catch {
    return { what: `${quoted(file)} is no JSON`, right }
  }
}
