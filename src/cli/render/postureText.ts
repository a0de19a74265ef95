import type { FlowReport } from '../../model/report.ts'
import { padTo } from './columns.ts'
import { countOf } from './flowWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import type { PostureGroup } from './posture.ts'
import { postureGroups } from './posture.ts'
import type { Row } from './textTable.ts'
import { textTables } from './textTable.ts'
import { wrapText } from './wrapText.ts'

const nameWidth = 13

/** What TLS servers also accept: servers that do the same in a table, and below it what they do. Nothing if not asked. */
export function postureText(flows: readonly FlowReport[], page: Page): readonly string[] {
  const groups = postureGroups(flows)
  if (groups.length === 0) return []
  const count = groups.reduce((sum, { servers }) => sum + servers.length, 0)
  const title = `what TLS servers also accept, and what they show: ${countOf(count, 'server')}${alikeOf(groups, count)}`
  const tables = textTables(
    [{}, { least: 24 }, {}],
    groups.map(({ servers }) =>
      servers.map(({ port, place, ends }): Row => [port, place, ends].map((text) => ({ text: plain(text) }))),
    ),
    { width: widthOf(page), indent: 2, colour: page.colour },
  )
  return [
    ...wrapText(title, widthOf(page)).map((line) => paint(line, 'strong', page.colour)),
    ...groups.flatMap((group, at) => [...(at === 0 ? [] : ['']), ...(tables[at] ?? []), ...factLines(group, page)]),
  ]
}

function alikeOf(groups: readonly PostureGroup[], count: number): string {
  return groups.length === 1 || groups.length === count ? '' : `, in ${groups.length} kinds`
}

/** A fact of several parts takes a line for each where they do not fit one together. */
function factLines({ facts }: PostureGroup, page: Page): readonly string[] {
  const indent = widthOf(page) < 60 ? 4 : 13
  const width = widthOf(page) - indent - nameWidth
  return facts.flatMap(({ name, words, odd }) => {
    const parts = words.map(plain)
    const together = wrapText(parts.join('; '), width)
    const lines = together.length <= 1 ? together : parts.flatMap((part) => wrapText(part, width))
    return lines.map(
      (line, at) =>
        ' '.repeat(indent) +
        paint(padTo(at === 0 ? name : '', nameWidth), 'quiet', page.colour) +
        paint(line, odd ? 'doubtful' : undefined, page.colour),
    )
  })
}
