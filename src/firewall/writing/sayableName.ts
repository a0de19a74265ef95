/** A name that rules can hold, in lower case: itself alone, every name below it, or one with stars elsewhere. */
export interface SayableName {
  readonly kind: 'exact' | 'below' | 'glob'
  /** For `below` what follows `*.`; for `glob` the whole pattern. */
  readonly name: string
}

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const exact = new RegExp(`^${label}(?:\\.${label})*$`)
const starred = /^[a-z0-9_*-]{1,63}(\.[a-z0-9_*-]{1,63})*$/

/**
 * Reads a name of a permit, or Microsoft's pattern (`*.msappproxy.net`). Only letters, digits, hyphens, underscores, dots
 * and stars get through (RFC 1123 §2.1, RFC 2181 §11), so that a name can stand in any syntax as it is.
 *
 * @returns undefined for any other text, addresses among them
 */
export function sayableName(text: string): SayableName | undefined {
  const name = text.toLowerCase().replace(/\.$/, '')
  if (name.length > 253 || /^[\d.]+$/.test(name)) return undefined
  if (exact.test(name)) return { kind: 'exact', name }
  const parent = name.startsWith('*.') ? name.slice(2) : ''
  if (exact.test(parent)) return { kind: 'below', name: parent }
  return starred.test(name) && name.includes('*') && !/^[*.]+$/.test(name) ? { kind: 'glob', name } : undefined
}
