import type { FlowRow } from '../../src/catalog/index.ts'
import { flowRows } from '../../src/catalog/index.ts'
import { formatPortRange } from '../../src/model/ports.ts'
import { page, table } from './markdown.ts'

/** `docs/reference/flows.md`: every row of the catalog, by table. */
export function flowsPage(): string {
  const tables = Map.groupBy(flowRows, ({ table: name }) => name)
  const parts = [...tables].map(([name, rows]) => {
    const sources = [...new Set(rows.map(({ source, asOf }) => `${source} (${asOf})`))]
    const lines = rows.map((row) => [
      `\`${row.id}\``,
      `${row.from} to ${row.to}`,
      portsOf(row),
      row.necessity,
      row.requiredWhen,
      row.phase ?? '',
      row.purpose,
    ])
    return `## ${name}\n\n${sources.map((source) => `Source: ${source}\n`).join('')}\n${table(['id', 'ends', 'ports', 'necessity', 'when', 'phase', 'for'], lines)}`
  })
  return page(
    'Flows',
    `The ${flowRows.length} rows of the catalog: what Microsoft's pages require, recommend, or were said to require. \`postern explain ID\` tells
each with its notes; \`postern plan\` crosses them with a site.`,
    parts.join('\n'),
  )
}

function portsOf({ pairs }: FlowRow): string {
  return pairs
    .map(({ transport, port, range, sitePort, service }) => {
      const number = port ?? (range ? formatPortRange(range) : sitePort === undefined ? '' : `(${sitePort})`)
      return `${transport}${number === '' ? '' : `/${number}`} ${service}`
    })
    .join(', ')
}
