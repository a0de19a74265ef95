import type { FlowReport } from '../../model/report.ts'
import { countOf } from './flowWords.ts'
import { code, prose, table } from './markdown.ts'
import type { PostureGroup } from './posture.ts'
import { postureGroups } from './posture.ts'

/** What TLS servers also accept: a table for those that do the same. Nothing where it was not asked. */
export function postureMarkdown(flows: readonly FlowReport[]): readonly string[] {
  const groups = postureGroups(flows)
  if (groups.length === 0) return []
  const count = groups.reduce((sum, { servers }) => sum + servers.length, 0)
  return [`### What TLS servers also accept, and what they show: ${countOf(count, 'server')}`, ...groups.map(factTable)]
}

function factTable({ servers, facts }: PostureGroup): string {
  const places = servers.map(({ port, place, ends }) => `${code(port)} ${code(place)}${ends && ` (${prose(ends)})`}`)
  return table(
    ['What', countOf(servers.length, 'server')],
    [
      ['servers', places.join(', ')],
      ...facts.map(({ name, words, odd }) => {
        const said = prose(words.join('; '))
        return [name, odd ? `**${said}**` : said]
      }),
    ],
  )
}
