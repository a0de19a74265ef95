import { findingRows } from '../../src/check/findingRows.ts'
import { auditFindingRows } from '../../src/firewall/findingRows.ts'
import type { FindingRow } from '../../src/model/finding.ts'
import { page } from './markdown.ts'

/** `docs/reference/findings.md`: what an audit and a check find beside the verdicts of flows. */
export function findingsPage(): string {
  return page(
    'Findings',
    `What wants somebody’s attention though no single flow fails by it. \`postern explain CODE\` tells the same. Each finding says where
it was found, which flows it concerns, and how grave it is there; what stands here is how grave it is as a rule.
\`--fail-on\` says from which severity on the exit code is 1.`,
    `## Of an audit\n\n${sectionsOf(auditFindingRows)}\n## Of a check\n\nBeside these a check tells the [causes](causes.md) of what fails.\n\n${sectionsOf(findingRows)}`,
  )
}

function sectionsOf(rows: Readonly<Record<string, FindingRow>>): string {
  return Object.entries(rows)
    .map(([code, { severity, meaning, why, fix }]) => {
      return `### ${code}\n\n${meaning}\n\n- severity: \`${severity}\`\n- why: ${why}\n- fix: ${fix}\n`
    })
    .join('\n')
}
