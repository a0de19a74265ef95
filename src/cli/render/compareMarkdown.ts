import type { CompareReport, FlowChange } from '../../model/report.ts'
import { changeGroups } from './changeGroups.ts'
import type { Change } from './compareWords.ts'
import {
  andMore,
  changeOrder,
  changeWords,
  compareNotes,
  compareSummary,
  isTrouble,
  nextStepAfter,
  originWords,
  stillFailingWords,
  withIt,
} from './compareWords.ts'
import { countOf, dialledOf, mappedInShort, portOf } from './flowWords.ts'
import { code, folded, list, prose, table } from './markdown.ts'

/** Two checks side by side for a pull request or a wiki: what changed, the worst first, and nothing else. */
export function compareMarkdown(report: CompareReport): string {
  const blocks = [
    `## ${prose(report.after.site)} from ${prose(report.after.from)}: ${compareSummary(report)}${prose(mappedInShort(report.after.names))}`,
    list([`Before: ${prose(originWords(report.before))}`, `After: ${prose(originWords(report.after))}`]),
    ...compareNotes(report).map((note) => `**Note:** ${prose(note)}`),
    ...changeOrder.flatMap((change) => changeBlock(change, report.changes)),
    `**Next:** ${prose(nextStepAfter(report))}`,
    ...stillFailing(report),
  ]
  return `${blocks.join('\n\n')}\n`
}

function changeBlock(change: Change, changes: readonly FlowChange[]): readonly string[] {
  const own = changes.filter((each) => each.change === change)
  if (own.length === 0) return []
  return [
    `### ${changeWords[change].title}: ${countOf(own.length, 'flow')}`,
    table(
      ['Port', 'Target', 'What changed', 'What was found', 'Flow'],
      changeGroups(own).flatMap(({ first: each, others, isFixEach }) => {
        const flow = each.after ?? each.before
        if (flow === undefined) return []
        return [
          [
            code(portOf(flow.target)),
            code(dialledOf(flow.target)) + andMore(others),
            each.differences.map(prose).join('; '),
            isTrouble(each)
              ? [
                  flow.says,
                  ...(flow.fix === undefined ? [] : [`fix: ${flow.fix}${isFixEach ? ', and so for each' : ''}`]),
                ]
                  .map(prose)
                  .join('; ')
              : '',
            [`${code(flow.flow)}, ${flow.necessity}`, ...others.map((other) => withItCell(each, other))].join('; '),
          ],
        ]
      }),
    ),
  ]
}

/** One of those that are told with another: what is different stands here, since the row speaks of the first. */
function withItCell(first: FlowChange, other: FlowChange): string {
  const { place, flow, differences } = withIt(first, other)
  return [`${code(place)}: ${prose(flow)}`, ...differences.map(prose)].join(', ')
}

/** Not a change, and not well either: said, so that an empty comparison is not read as a healthy one. */
function stillFailing(report: CompareReport): readonly string[] {
  const lines = stillFailingWords(report)
  if (lines.length === 0) return []
  return [folded(`As before, and not well: ${countOf(report.stillFailing.length, 'flow')}`, list(lines.map(prose)))]
}
