import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Remedy } from './configError.ts'
import { quoted } from './quoted.ts'
import { reasonOf } from './reasonOf.ts'

const maxSecretCharacters = 4096
/** The longest line that is taken has no more octets than this in UTF-8. */
const maxReadOctets = 4 * maxSecretCharacters + 8

/**
 * Fetches the secret that a reference of the site file points to: `env:NAME`, or `file:PATH` relative to the site file.
 * The first line counts, without what ends it.
 *
 * @param form how such a secret is written, for who has to write one
 * @returns the secret, or why there is none, in words that do not repeat it
 */
export async function readSecret(
  reference: string,
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
  form = 'USER:PASSWORD',
): Promise<{ readonly ok: string } | Remedy> {
  const colon = reference.indexOf(':')
  const [kind, place] = [reference.slice(0, colon), reference.slice(colon + 1)]
  switch (kind) {
    case 'env': {
      const value = firstLine(environment[place] ?? '')
      return value === ''
        ? { what: `${place} is not set`, right: `set it: export ${place}=${form}` }
        : bounded(value, form)
    }
    case 'file': {
      const read = await beginningOf(resolve(folder, place))
      if ('why' in read) {
        return { what: `${quoted(place)} cannot be read: ${read.why}`, right: 'paths are relative to the site file' }
      }
      const line = firstLine(read.text)
      return line === ''
        ? { what: `${quoted(place)} has an empty first line`, right: `write ${form} into it` }
        : bounded(line, form)
    }
    default:
      return { what: `${quoted(kind)} is no store that is read`, right: 'write env:NAME or file:PATH' }
  }
}

/** As much as a secret may have, and a little more: what was named by mistake may be of any size. */
async function beginningOf(path: string): Promise<{ readonly text: string } | { readonly why: string }> {
  try {
    // Before it is opened: to open a pipe waits for whoever writes to it.
    const found = await stat(path)
    if (!found.isFile()) return { why: found.isDirectory() ? 'it is a folder' : 'it is a pipe or device and no file' }
    await using handle = await open(path, 'r')
    const { bytesRead, buffer } = await handle.read(new Uint8Array(maxReadOctets), 0, maxReadOctets, 0)
    return { text: new TextDecoder().decode(buffer.subarray(0, bytesRead)) }
  } catch (error) {
    return { why: reasonOf(error) }
  }
}

function firstLine(text: string): string {
  return text.split(/\r?\n|\r/, 1)[0] ?? ''
}

function bounded(secret: string, form: string): { readonly ok: string } | Remedy {
  return secret.length <= maxSecretCharacters
    ? { ok: secret }
    : { what: `the secret is longer than ${maxSecretCharacters} characters`, right: `write ${form}` }
}
