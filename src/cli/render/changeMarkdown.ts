import type { ChangeReport } from '../../model/changeReport.ts'
import { changeHeads, changeVerdict, lackWords, nextAfterChange, timeWords } from './changeWords.ts'
import { countOf, timeOf } from './flowWords.ts'
import { folded, list, prose, table } from './markdown.ts'

/** What a change did, for the ticket that it was filed in. */
export function changeMarkdown(report: ChangeReport): string {
  const { changes, incidents, stillFailing, notCompared } = report
  const blocks = [
    `## ${prose(report.name)} of ${prose(report.site)}: ${prose(changeVerdict(report))}`,
    list([
      `Change: ${timeOf(report.startedAt)} to ${timeOf(report.endedAt)}`,
      `Before: ${prose(timeWords(report.before))}`,
      `After: ${prose(timeWords(report.after))}`,
    ]),
    ...(changes.length === 0
      ? []
      : [
          table(
            ['', 'What', 'What differs'],
            changes.map(({ change, title, differences }) => [
              changeHeads[change],
              prose(title),
              differences.map(prose).join('; '),
            ]),
          ),
        ]),
    ...(incidents.length === 0
      ? []
      : [
          `### Incidents since it began: ${incidents.length}`,
          list(
            incidents.map(
              ({ since, severity, says, isOver }) =>
                `${timeOf(since)} ${severity}: ${prose(says)}${isOver ? ' (over)' : ''}`,
            ),
          ),
        ]),
    `**Next:** ${prose(nextAfterChange(report))}`,
    ...(stillFailing.length === 0
      ? []
      : [
          folded(
            `As before, and not well: ${countOf(stillFailing.length, 'subject')}`,
            list(stillFailing.map(({ title, cause }) => prose(cause === undefined ? title : `${title}: ${cause}`))),
          ),
        ]),
    ...(notCompared.length === 0
      ? []
      : [
          folded(
            `Not compared: ${countOf(notCompared.length, 'subject')}`,
            list(notCompared.map(({ title, lacks }) => prose(`${title}: ${lackWords[lacks]}`))),
          ),
        ]),
  ]
  return `${blocks.join('\n\n')}\n`
}
