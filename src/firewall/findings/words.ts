import type { Blame, RuleAt } from '../anomalies.ts'
import type { Rule } from '../ruleset.ts'
import type { Span } from '../source.ts'

/** A rule as a sentence names it: `"web" (line 12)`, and with its file where that is another than the sentence's. */
export function spokenRule({ name, span, implied }: Rule, file?: string): string {
  if (implied === true) return `"${name}" (implied)`
  return `"${name}" (${span.file === file ? '' : `${span.file}, `}line ${span.line})`
}

/** `"a" (line 1), "b" (line 2) and 7 more`. */
export function spokenBlame({ rules, more }: Blame, file?: string): string {
  return listed(
    rules.map(({ rule }) => spokenRule(rule, file)),
    more,
  )
}

export function listed(names: readonly string[], more = 0): string {
  const all = more === 0 ? names : [...names, `${more} more`]
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}

export function placeOf(span: Span): { readonly file: string; readonly line: number } {
  return { file: span.file, line: span.line }
}

/** What a rule does to a packet, in the third person. */
export function deed({ action }: Rule): string {
  switch (action.kind) {
    case 'allow':
      return 'allows'
    case 'drop':
      return 'drops'
    case 'reject':
      return 'rejects'
    case 'translate':
      return 'translates'
    case 'no-translation':
      return 'leaves untranslated'
    case 'inspect':
      return 'inspects'
    case 'no-inspection':
      return 'leaves uninspected'
    case 'return':
      return 'hands back'
    case 'jump':
    case 'goto':
      return `hands to ${action.chain}`
    case 'continue':
      return 'counts or marks'
    case 'unknown':
      return 'does something unknown to'
    default:
      return action satisfies never
  }
}

/** `rule "web" of "NSG web, inbound"`. */
export function titleOf({ rule, stage }: RuleAt): string {
  return `rule "${rule.name}" of ${stage}`
}
