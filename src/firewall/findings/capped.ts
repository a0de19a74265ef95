import type { Finding } from '../../model/finding.ts'
import { severities } from '../../model/finding.ts'

/** Findings of one code and rule set that are told at most: the gravest, then the first in the file. */
const mostOfACode = 50

/** The gravest of a code; the last of those that are told says how many more there are, and where the next stands. */
export function capped(findings: readonly Finding[], most = mostOfACode): readonly Finding[] {
  if (findings.length <= most) return findings
  const sorted = findings.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
  const [next, ...others] = sorted.slice(most - 1)
  if (next === undefined) return sorted
  return [
    ...sorted.slice(0, most - 1),
    {
      ...next,
      what: `${others.length + 1} more are ${next.code}; the first of them: ${next.what}`,
      flows: [...new Set([next, ...others].flatMap(({ flows }) => flows))],
    },
  ]
}
