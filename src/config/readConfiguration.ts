import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Remedy } from './configError.ts'
import type { TextEncoding } from './decodeText.ts'
import { decodeText } from './decodeText.ts'
import type { Input } from './readBounded.ts'
import { readBounded, readInput } from './readBounded.ts'

/** The largest configuration that is read, in octets: 64 MiB, some hundred thousand rules. */
export const maxConfigurationBytes = 64 * 1024 * 1024

export interface ReadText {
  readonly text: string
  readonly encoding: TextEncoding
  /** When the file was last written (ISO 8601 date); absent for an input. */
  readonly writtenOn?: string
}

/**
 * Reads a configuration or a table that a device or a person wrote, whatever its encoding.
 *
 * @param file relative to `folder`, or absolute; `-` is the input
 */
export async function readConfiguration(
  file: string,
  folder: string,
  { input, signal }: { readonly input?: Input | undefined; readonly signal?: AbortSignal } = {},
): Promise<{ readonly ok: ReadText } | Remedy> {
  const path = resolve(folder, file)
  const isInput = file === '-' && input !== undefined
  const read = isInput
    ? await readInput(input, maxConfigurationBytes, signal)
    : await readBounded(path, maxConfigurationBytes, { pipes: true, ...(signal !== undefined && { signal }) })
  if ('why' in read) return { what: `it cannot be read: ${read.why}`, right: 'name a file that can' }
  if ('tooLarge' in read) {
    const mib = (octets: number): string => (octets / 1024 / 1024).toFixed(1)
    return {
      what: `it has ${mib(read.tooLarge)} MiB`,
      right: `at most ${mib(maxConfigurationBytes)} MiB are read: is it the right file?`,
    }
  }
  const packed = packedAs(read.octets)
  if (packed !== undefined) return { what: `it is ${packed}`, right: 'unpack it first' }
  const decoded = decodeText(read.octets)
  if (decoded.text.trim() === '') return { what: 'it is empty', right: 'export the configuration again' }
  const writtenOn = isInput ? undefined : await dateOf(path)
  return { ok: { ...decoded, ...(writtenOn !== undefined && { writtenOn }) } }
}

/** What people give by mistake, by its first octets. */
function packedAs([first, second, third, fourth]: Uint8Array): string | undefined {
  if (first === 0x1f && second === 0x8b) return 'compressed with gzip'
  if (first === 0x50 && second === 0x4b && third === 3 && fourth === 4) return 'a ZIP archive'
  return undefined
}

async function dateOf(path: string): Promise<string | undefined> {
  try {
    const { mtime } = await stat(path)
    return mtime.toISOString().slice(0, 10)
  } catch {
    return undefined
  }
}
