import type { AuditFlowReport, AuditPart } from '../../model/auditReport.ts'
import { partPath } from './auditPath.ts'
import { auditLooks } from './auditStanding.ts'
import { countOf } from './flowWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import { entry, labelWidth } from './textLines.ts'
import { wrapText } from './wrapText.ts'

/** How each standing looks on a terminal. */
export const standingStyles: Readonly<Record<'failed' | 'doubtful' | 'well', Style>> = {
  failed: 'bad',
  doubtful: 'doubtful',
  well: 'good',
}

/** What tells the way of a flow from others, whatever it goes to. */
export function wayKey(flow: AuditFlowReport): string {
  return JSON.stringify(flow.parts.map((part) => ({ ...partPath(flow, part), to: '', verdict: part.verdict })))
}

/** So many parts of one flow are drawn. */
const mostParts = 8

/**
 * The way of each part of a flow, drawn from the source down to the target.
 *
 * @param isSame the ways are those of the flow before it: only where they end is told
 */
export function partLines(flow: AuditFlowReport, page: Page, isSame = false): readonly string[] {
  const rest = flow.parts.length - mostParts
  const told = flow.parts.slice(0, mostParts)
  return [
    ...(isSame ? drawn('| ', 'by the same way', page, 'quiet') : []),
    ...told.flatMap((part) => (isSame ? endLines(flow, part, page) : pathLines(flow, part, page))),
    ...(rest > 0 ? entry('', `and ${countOf(rest, 'part')} more: --format json`, page, 'quiet') : []),
  ]
}

/** From the source down to the target: a device a stop, below it the rules that had a say there. */
function pathLines(flow: AuditFlowReport, part: AuditPart, page: Page): readonly string[] {
  const { from, stops, dependsOn } = partPath(flow, part)
  return [
    ...drawn('* ', from, page),
    ...stops.flatMap(({ device, passage, steps }) => [
      ...drawn('| ', `${device}, ${passage}`, page, 'strong'),
      ...steps.flatMap(({ does, rule, place }) =>
        drawn('|   ', `${does}: ${rule}${place === '' ? '' : ` (${place})`}`, page),
      ),
    ]),
    ...dependsOn.flatMap((what) => drawn('|   ', `depends on ${what}`, page, 'doubtful')),
    ...endLines(flow, part, page),
  ]
}

/** Where a part arrives, or what becomes of it. */
function endLines(flow: AuditFlowReport, part: AuditPart, page: Page): readonly string[] {
  const { to, end } = partPath(flow, part)
  const standing = auditLooks[part.verdict].standing
  const mark = standing === 'failed' ? 'x ' : standing === 'doubtful' ? '? ' : 'v '
  return drawn(mark, `${to}: ${end}`, page, standingStyles[standing]).map((line, at) =>
    at === 0 ? line : line.replace('|', ' '),
  )
}

function drawn(lead: string, text: string, page: Page, style?: Style): readonly string[] {
  const margin = ' '.repeat(widthOf(page) < 60 ? 4 : labelWidth)
  return wrapText(plain(text), widthOf(page) - margin.length - lead.length).map(
    (line, at) => margin + (at === 0 ? lead : `|${' '.repeat(lead.length - 1)}`) + paint(line, style, page.colour),
  )
}
