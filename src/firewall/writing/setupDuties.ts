import { plainText } from './plainText.ts'
import type { RuleToWrite } from './rulesToWrite.ts'

/** Rules that may go when the set-up is done, in one sentence; none where there are none. */
export function setupDuties(rules: readonly RuleToWrite[], called: (rule: RuleToWrite) => string): readonly string[] {
  const passing = rules.filter(({ permits }) => permits.every(({ phase }) => phase === 'setup'))
  if (passing.length === 0) return []
  const names = passing.map((rule) => plainText(called(rule), 80)).join(', ')
  return [`Take away when the set-up is done, and write anew for the next one: ${names}`]
}
