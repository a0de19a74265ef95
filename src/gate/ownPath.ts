import { readRequestTarget } from '../wire/requestTarget.ts'
import { ownPrefix } from './steps/ownPaths.ts'

/** Longer ones are not kept for a sign-in: the person comes to the start page. */
const longest = 2048

/**
 * An address that somebody may be sent to after sign-in or sign-out: a path of the gate itself, with its query, and none of
 * the gate's own pages, from where it would go round in circles. Whatever another reader could take for another host,
 * or for another path, is none.
 *
 * @returns undefined for every other text
 */
export function ownPath(text: string): string | undefined {
  if (text.length > longest || !text.startsWith('/')) return undefined
  const read = readRequestTarget(text)
  if (!read.ok) return undefined
  const { path, query } = read.target
  const address = query === undefined ? path : `${path}?${query}`
  const base = 'https://gate.invalid'
  const parsed = URL.canParse(address, base) ? new URL(address, base) : undefined
  if (parsed?.origin !== base || `${parsed.pathname}${parsed.search}`.includes('\\')) return undefined
  return `${path.toLowerCase()}/`.startsWith(ownPrefix) ? undefined : address
}
