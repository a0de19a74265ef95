import { resolve } from 'node:path'
import { lineAndColumn, walkJson } from './jsonPosition.ts'
import type { Input } from './readBounded.ts'
import { readBounded, readInput } from './readBounded.ts'

/** Far more than the claims of any token. */
const mostOctets = 256 * 1024
const limits = { depth: 16, elements: 4096, characters: 65_536 } as const

const wanted = 'what is wanted is the claims of a token as JSON, such as jwt.ms shows them: {"tid": "…", "oid": "…"}'

/**
 * Reads claims from a file, or from the standard input for `-`.
 *
 * @returns the claims, or one line `file:line:column: what is wrong, what is right` that repeats nothing of them
 */
export async function readClaimsFile(
  file: string,
  folder: string,
  { input, signal }: { readonly input?: Input; readonly signal: AbortSignal },
): Promise<{ readonly claims: Readonly<Record<string, unknown>> } | { readonly error: string }> {
  const read =
    file === '-' && input !== undefined
      ? await readInput(input, mostOctets, signal)
      : await readBounded(resolve(folder, file), mostOctets, { signal, pipes: true })
  if ('why' in read) return { error: `${file}: cannot be read: ${read.why}` }
  if ('tooLarge' in read) return { error: `${file}: larger than the claims of a token are; ${wanted}` }
  const text = new TextDecoder('utf-8', { ignoreBOM: false }).decode(read.octets)
  // Never quoted: it may be a token in the place of its claims.
  if (/^\s*eyJ/.test(text)) return { error: `${file}:1:1: a token, not its claims: decode it first; ${wanted}` }
  const walked = walkJson(text, [], limits)
  if ('fault' in walked) {
    const { line, column } = lineAndColumn(text, walked.fault.offset)
    return { error: `${file}:${line}:${column}: not JSON: expected ${walked.fault.expected}; ${wanted}` }
  }
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { error: `${file}:1:1: no object; ${wanted}` }
  }
  return { claims: { ...value } }
}
