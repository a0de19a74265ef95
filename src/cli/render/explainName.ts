import type { NameRow, NameUse } from '../../catalog/index.ts'
import { clouds } from '../../model/cloud.ts'
import type { Source } from '../../model/flow.ts'
import type { Field, ShortRow } from './explainLayout.ts'
import { fieldLines, headline, shortTables, sourceOf } from './explainLayout.ts'
import type { ExplainPart } from './explainReport.ts'
import { countOf } from './flowWords.ts'
import type { Page } from './page.ts'

type NamePart = Extract<ExplainPart, { kind: 'name' }>

/** A host name or pattern: which lists cover it, for which clouds and ports, and whether its TLS must be left alone. */
export function explainName(part: NamePart, page: Page): readonly string[] {
  const { name, uses, flows } = part
  const rows = uses.flatMap((use) => use.rows)
  return [
    ...headline(`${name}: ${plainAnswer(name, uses)}`, page),
    ...usesTable(uses, page),
    ...(rows.length === 0
      ? []
      : [
          '',
          ...fieldLines(
            [
              ...inspectionFields(part, rows),
              ['flows', flows.map(({ id }) => id).join(', ')],
              ...sourceFields([...rows, ...part.inspection]),
              ['next', nextStep(name, rows)],
            ],
            page,
          ),
        ]),
  ]
}

/** One of Microsoft's lists, name by name. */
export function explainList(
  { feature, rows }: Extract<ExplainPart, { kind: 'list' }>,
  page: Page,
  isIntroduced: boolean,
): readonly string[] {
  const patterns = new Set(rows.map(({ pattern }) => pattern))
  const count = countOf(patterns.size, 'name')
  return [
    ...headline(isIntroduced ? `to allow: ${count}` : `${feature}: a list of ${count} to allow`, page),
    ...shortTables([rows.map((row) => shortName(row.pattern, row))], page).flat(),
    '',
    ...fieldLines(sourceFields(rows), page),
  ]
}

function plainAnswer(name: string, uses: readonly NameUse[]): string {
  const rows = uses.flatMap((use) => use.rows)
  if (rows.length === 0) {
    return "in none of Microsoft's lists for hybrid identity. The lists of its other products, Microsoft 365's among them, are not in the catalog: whose the name is, and who else needs it, is not known here"
  }
  if (rows.every(({ only }) => only === 'customer')) {
    return "in no list by itself; it can be one of the site's own names, which the lists give as a pattern"
  }
  if (rows.every(({ only }) => only === 'germany-retired')) {
    return 'a name of the German cloud, which is closed: nothing needs it'
  }
  const isNamed = uses.some(({ pattern }) => pattern.toLowerCase() === name)
  const under = uses.map(({ pattern }) => pattern).join(', ')
  return isNamed ? needOf(rows) : `named by no list; it falls under ${under}, ${needOf(rows)}`
}

function needOf(rows: readonly NameRow[]): string {
  const lists = (required: boolean): readonly string[] => [
    ...new Set(rows.filter((row) => row.required === required).map(({ feature }) => feature)),
  ]
  const required = lists(true)
  const optional = lists(false).filter((feature) => !required.some((known) => known === feature))
  return [
    ...(required.length === 0 ? [] : [`required by ${required.join(', ')}`]),
    ...(optional.length === 0 ? [] : [`optional for ${optional.join(', ')}`]),
  ].join('; ')
}

/** Every pattern that covers a name, with the lists that have it. */
function usesTable(uses: readonly NameUse[], page: Page): readonly string[] {
  const tables = shortTables(
    uses.map(({ rows }) => rows.map((row) => shortName(row.feature, row))),
    page,
  )
  return uses.flatMap(({ pattern }, at) => ['', ...headline(`covered by ${pattern}`, page), ...(tables[at] ?? [])])
}

function shortName(name: string, row: NameRow): ShortRow {
  return {
    name,
    words: [`${row.scheme} ${row.ports.join(', ')}`, row.required ? 'required' : 'optional', cloudsOf(row)],
    says: row.purpose,
  }
}

function cloudsOf(row: NameRow): string {
  if (row.clouds.length === 0) return 'no cloud'
  return row.clouds.length === clouds.length ? 'every cloud' : row.clouds.join(', ')
}

function inspectionFields({ inspection }: NamePart, rows: readonly NameRow[]): readonly Field[] {
  const label = 'TLS inspection'
  if (rows.every(({ scheme }) => scheme === 'http')) return [[label, 'none to speak of: it is fetched on plain HTTP']]
  if (inspection.length === 0) return [[label, 'no page of Microsoft speaks against it for this name']]
  return inspection.map((rule): Field => [label, `${rule.feature}: ${rule.says}`])
}

function sourceFields(rows: readonly Source[]): readonly Field[] {
  return [...new Set(rows.map(sourceOf))].map((source) => ['source', source])
}

/** A pattern cannot be dialled, and a service tag is no name. */
function nextStep(name: string, rows: readonly NameRow[]): string | undefined {
  if (!/^[a-z0-9._-]+$/.test(name) || rows.every(({ only }) => only === 'germany-retired')) return undefined
  return `postern check ${rows.every(({ scheme }) => scheme === 'http') ? 'http' : 'https'}://${name}`
}
