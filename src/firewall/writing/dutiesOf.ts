import type { RuleToWrite, SaidEnd } from './rulesToWrite.ts'

/** What has to be done again where rules have addresses of lists that change: each list once, with its date. */
export function dutiesOf(rules: readonly RuleToWrite[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { from, to } of rules) {
    for (const list of new Set([from, to].flatMap(listOf))) counts.set(list, (counts.get(list) ?? 0) + 1)
  }
  return [...counts].map(
    ([list, count]) =>
      `${count} ${count === 1 ? 'rule has' : 'rules have'} addresses of ${list}: they change every week or month. ` +
      'Fetch the new list, and write the rules anew with --tags FILE',
  )
}

function listOf(end: SaidEnd): readonly string[] {
  if (end.kind !== 'prefixes' || end.asOf === undefined) return []
  return [`${end.source ?? 'a list of Microsoft'} (as of ${end.asOf})`]
}
