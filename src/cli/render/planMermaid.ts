import type { PlanReport } from '../../model/report.ts'
import { inks } from './checkStyle.ts'
import type { LineLook } from './flowchart.ts'
import { flowchart } from './flowchart.ts'
import { countOf, mappedInShort } from './flowWords.ts'
import type { Need } from './needs.ts'
import { needOf, needs } from './needs.ts'
import { planGroups } from './planGroups.ts'

const look = (need: Need, arrow: LineLook['arrow'], colour?: string): LineLook => ({
  arrow,
  stands: false,
  ...(need !== 'required' && { word: needs[need].label }),
  ...(colour !== undefined && { colour }),
})

const looks: Readonly<Record<Need, LineLook>> = {
  required: look('required', '-->'),
  conditional: look('conditional', '-.->'),
  recommended: look('recommended', '-.->'),
  optional: look('optional', '-.->'),
  legacy: look('legacy', '-.->'),
  'local-only': look('local-only', '-.-'),
  'not-required': look('not-required', '-.-'),
  closed: look('closed', '--x', inks.failed.light),
}

/** A plan as a Mermaid flowchart: who opens what, and what must stay closed. What stays on one host is not drawn. */
export function planMermaid(report: PlanReport): string {
  const { open, local, closed } = planGroups(report.flows)
  const flows = [...open.flatMap((group) => group.flows), ...closed]
  return flowchart({
    flows,
    lookOf: needOf,
    looks,
    notes: [
      `${report.site}: ${countOf(flows.length - closed.length, 'flow')} to open, ${closed.length} that must stay closed${mappedInShort(report.names)}`,
      ...(local.length === 0
        ? []
        : [`${countOf(local.length, 'flow stays', 'flows stay')} on one host and not in this picture`]),
    ],
  })
}
