import type { NamePattern } from '../../namePattern.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Unknown } from '../../unknown.ts'

/** Names of `toFQDNs` or of a DNS rule, and what of them no pattern can say. */
export interface ReadNames {
  readonly patterns: readonly NamePattern[]
  readonly unknowns: readonly Unknown[]
}

/**
 * Reads `matchName` and `matchPattern` (Cilium documentation: DNS based policies). A star stands for any number of
 * characters of one label and never for a dot; a star alone is every name, and `**.` in front is one label or more.
 */
export function readNames(values: readonly JsonValue[]): ReadNames {
  const patterns: NamePattern[] = []
  const unknowns: Unknown[] = []
  for (const value of values) {
    const exact = value.member('matchName')?.text()
    const pattern = value.member('matchPattern')?.text()
    const text = (exact ?? pattern ?? '').trim()
    const name = text.toLowerCase().replace(/\.$/, '')
    if (text === '') {
      unknowns.push({ kind: 'unread', what: `the name ${value.span().text}` })
    } else if (exact !== undefined || !name.includes('*')) patterns.push({ text, name, covers: 'exactly' })
    else if (name === '*') patterns.push({ text, name: '', covers: 'any' })
    else if (/^\*\.[^*]+$/.test(name)) patterns.push({ text, name: name.slice(2), covers: 'one-label-below' })
    else if (/^\*\*\.[^*]+$/.test(name)) patterns.push({ text, name: name.slice(3), covers: 'below' })
    else {
      patterns.push({ text, name: name.replaceAll('*', ''), covers: 'glob' })
      unknowns.push({ kind: 'other', what: `whether "${text}" covers the name: its stars stand for no dots` })
    }
  }
  return { patterns, unknowns }
}

/** Whether a DNS rule lets a name, or every name of a pattern, be asked for. */
export function canBeAsked(wanted: NamePattern, asked: readonly NamePattern[]): boolean {
  return asked.some((rule) => {
    if (rule.covers === 'any' || rule.text.toLowerCase() === wanted.text.toLowerCase()) return true
    if (wanted.covers !== 'exactly') return rule.covers === 'below' && isBelow(wanted.name, rule.name)
    if (rule.covers === 'exactly') return rule.name === wanted.name
    if (rule.covers === 'below') return isBelow(wanted.name, rule.name)
    const rest = wanted.name.slice(0, -rule.name.length - 1)
    return rule.covers === 'one-label-below' && isBelow(wanted.name, rule.name) && !rest.includes('.')
  })
}

function isBelow(name: string, zone: string): boolean {
  return name.endsWith(`.${zone}`)
}
