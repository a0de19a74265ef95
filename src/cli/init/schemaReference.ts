import { access } from 'node:fs/promises'
import { dirname, isAbsolute, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const schema = 'docs/reference/site.schema.json'

/** The package's folder is one above the bundle, and two above the rooms of the sources. */
const places = [`../${schema}`, `../../../${schema}`] as const

/**
 * Where an editor finds the schema of the site file: what `# yaml-language-server: $schema=` takes. Relative where the
 * package lies in the folder that is worked in (a checkout, or `node_modules`), so that the line serves everyone who
 * has the folder; else the file on this machine.
 *
 * @param file absolute path of the site file
 * @param folder absolute path of the folder that is worked in
 * @returns undefined where the package came without its reference
 */
export async function schemaReference(file: string, folder: string): Promise<string | undefined> {
  for (const place of places) {
    const url = new URL(place, import.meta.url)
    const isThere = await access(url).then(
      () => true,
      () => false,
    )
    if (isThere) return referenceTo(url, file, folder)
  }
  return undefined
}

/** A path with a space would end at it, in the eyes of the editor; a file URL has none. */
export function referenceTo(url: URL, file: string, folder: string): string {
  const path = fileURLToPath(url)
  const within = relative(folder, path)
  const near = relative(dirname(file), path).replaceAll(sep, '/')
  const leaves = isAbsolute(within) || within.startsWith('..') || isAbsolute(near)
  return leaves || /\s/.test(near) ? url.href : near
}
