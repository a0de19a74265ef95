import type { CheckReport } from '../../model/report.ts'
import { alike } from './alike.ts'
import { inks } from './checkStyle.ts'
import type { LineLook } from './flowchart.ts'
import { flowchart } from './flowchart.ts'
import { countOf, mappedInShort, nameOf, portOf } from './flowWords.ts'
import { nextStepOf } from './nextStepOf.ts'
import { standInOf } from './places.ts'
import { sharedTargets } from './sharedTargets.ts'
import type { Look } from './standing.ts'
import { lookOf, looks as meanings, standingOf, worstFirst } from './standing.ts'
import { summaryWords } from './summaryWords.ts'

/**
 * The worst first: a place has the colour of the worst line to it. The word says the same as the colour. What must be
 * closed ends in a cross, as in the picture of the plan, and so does what does not pass.
 */
const looks: Readonly<Record<Look, LineLook>> = {
  forbidden: { arrow: '--x', word: meanings.forbidden.label, colour: inks.failed.light, stands: true },
  wrong: { arrow: '--x', word: meanings.wrong.label, colour: inks.wrong.light, stands: true },
  blocked: { arrow: '--x', word: meanings.blocked.label, colour: inks.failed.light, stands: true },
  degraded: { arrow: '-.->', word: meanings.degraded.label, colour: inks.doubtful.light, stands: true },
  unknown: { arrow: '-.->', word: meanings.unknown.label, colour: inks.unknown.light, stands: true },
  open: { arrow: '-->', colour: inks.well.light, stands: false },
  closed: { arrow: '--x', word: 'closed, as it must be', colour: inks.well.light, stands: false },
  'not-run': { arrow: '-.-', word: meanings['not-run'].label, stands: false },
  'not-required': { arrow: '-.-', word: meanings['not-required'].label, stands: false },
}

/** A check as a Mermaid flowchart: what this host reaches, by verdict. */
export function checkMermaid(report: CheckReport): string {
  return flowchart({
    flows: report.flows,
    lookOf,
    looks,
    standInOf,
    notes: [
      `${report.site} from ${report.from}: ${summaryWords(report)}${mappedInShort(report.context.names)}`,
      ...(report.interrupted ? ['stopped before its end: what was not asked is not run'] : []),
      ...causeNotes(report),
      `next: ${nextStepOf(report)}`,
    ],
  })
}

/** A picture that has to say more than so many causes is none. */
const mostCauses = 6

/** What the lines cannot say: why, and whose turn it is; a line a cause, the worst first. */
function causeNotes({ flows }: CheckReport): readonly string[] {
  const trouble = worstFirst(flows).filter((flow) => ['failed', 'doubtful'].includes(standingOf(flow)))
  const groups = alike(sharedTargets(trouble))
  const rest = groups.length - mostCauses
  return [
    ...groups.slice(0, mostCauses).map(([[flow], ...others]) => {
      const more = others.length === 0 ? '' : ` and ${others.length} more`
      const turn = [
        flow.cause ?? meanings[lookOf(flow)].label,
        ...(flow.owner === undefined ? [] : [`owner ${flow.owner}`]),
      ]
      return `${portOf(flow.target)} ${nameOf(flow.target)}${more}: ${turn.join(', ')}`
    }),
    ...(rest > 0 ? [`and ${countOf(rest, 'more cause')}`] : []),
  ]
}
