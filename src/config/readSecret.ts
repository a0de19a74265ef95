import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Remedy } from './configError.ts'
import { quoted } from './quoted.ts'
import { reasonOf } from './reasonOf.ts'

const maxSecretCharacters = 4096

/**
 * Fetches the secret that a reference of the site file points to: `env:NAME`, or `file:PATH` relative to the site file,
 * of which the first line counts.
 *
 * @returns the secret, or why there is none, in words that do not repeat it
 */
export async function readSecret(
  reference: string,
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<{ readonly ok: string } | Remedy> {
  const colon = reference.indexOf(':')
  const [kind, place] = [reference.slice(0, colon), reference.slice(colon + 1)]
  switch (kind) {
    case 'env': {
      const value = environment[place]
      if (value) return bounded(value)
      return { what: `${place} is not set`, right: `set it: export ${place}=USER:PASSWORD` }
    }
    case 'file':
      try {
        const text = await readFile(resolve(folder, place), 'utf8')
        const [line = ''] = text.split(/\r?\n/, 1)
        if (line !== '') return bounded(line)
        return { what: `${quoted(place)} has an empty first line`, right: 'write USER:PASSWORD into it' }
      } catch (error) {
        return {
          what: `${quoted(place)} cannot be read: ${reasonOf(error)}`,
          right: 'paths are relative to the site file',
        }
      }
    default:
      return { what: `${quoted(kind)} is no store that is read`, right: 'write env:NAME or file:PATH' }
  }
}

function bounded(secret: string): { readonly ok: string } | Remedy {
  return secret.length <= maxSecretCharacters
    ? { ok: secret }
    : { what: `the secret is longer than ${maxSecretCharacters} characters`, right: 'write USER:PASSWORD' }
}
