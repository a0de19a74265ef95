import type { NamePattern } from '../../namePattern.ts'

/** A value of `dstdomain` or `ssl::server_name`: `.x` covers `x` and all below, `x` itself alone; a star is no star. */
export function namePatternOf(text: string): NamePattern {
  const lower = text.toLowerCase()
  return lower.startsWith('.')
    ? { text, name: lower.slice(1), covers: 'at-or-below' }
    : { text, name: lower.replace(/\.$/, ''), covers: 'exactly' }
}

/** What stands before a name in a regular expression, and which names it then covers. */
const beginnings: readonly (readonly [RegExp, NamePattern['covers']])[] = [
  [/^\^/, 'exactly'],
  [/^(?:\(\^\|\\\.\)|\(\\\.\|\^\)|\(\?:\^\|\\\.\))/, 'at-or-below'],
  [/^(?:\^\.\*|\^\.\+|\.\*)?\\\./, 'below'],
]

/**
 * The name that a regular expression means, where it is one that is nothing but a name with its end and its beginning
 * said, such as `\.contoso\.com$`.
 *
 * @returns undefined for every other expression
 */
export function namePatternOfRegex(text: string): NamePattern | undefined {
  for (const [beginning, covers] of beginnings) {
    const head = beginning.exec(text)?.[0]
    if (head === undefined) continue
    const escaped = /^((?:[a-z0-9_-]+\\\.)*[a-z0-9_-]+)\$$/i.exec(text.slice(head.length))?.[1]
    if (escaped !== undefined) return { text, name: escaped.replaceAll('\\.', '.').toLowerCase(), covers }
  }
  return undefined
}
