import type { UnlistedCode } from '../../catalog/index.ts'
import { explainCommand, fieldLines, headline, paragraph, sourceOf } from './explainLayout.ts'
import type { ExplainedCause, ExplainedCode, ExplainPart } from './explainReport.ts'
import type { Page } from './page.ts'
import { looks } from './standing.ts'

/** A cause of failure: what it is, how it is told apart, whose it is, and what mends it. */
export function explainCause(cause: ExplainedCause, page: Page): readonly string[] {
  const { code, layer, verdict, neighbours } = cause
  return [
    ...headline(`${code}: ${cause.meaning}`, page),
    ...fieldLines(
      [
        ['looks like', cause.looksLike],
        ['told apart by', cause.toldApartBy],
        ['whose', `${cause.owner}, usually`],
        ['verdict', `${looks[verdict].label}: ${looks[verdict].means}`],
        ['fix', cause.fix],
        ['next', cause.next],
        ['layer', layer === 'none' ? 'none: it stands for the causes that a verdict lists beside it' : layer],
        ['neighbours', neighbours.join(', ')],
      ],
      page,
    ),
  ]
}

/** A finding that is no cause. */
export function explainFinding(part: Extract<ExplainPart, { kind: 'finding' }>, page: Page): readonly string[] {
  return [
    ...headline(`${part.code}: ${part.meaning}`, page),
    ...fieldLines(
      [
        ['severity', part.severity],
        ['why', part.why],
        ['fix', part.fix],
      ],
      page,
    ),
  ]
}

export function explainLayer(
  { layer, causes }: Extract<ExplainPart, { kind: 'layer' }>,
  page: Page,
): readonly string[] {
  return [...headline(`${layer}: a layer with ${causes.length} causes of failure`, page), ...inShort(causes, page)]
}

/** The name of an error, which says what was seen and not why. */
export function explainSign({ sign, causes }: Extract<ExplainPart, { kind: 'sign' }>, page: Page): readonly string[] {
  const [only, ...more] = causes
  if (only !== undefined && more.length === 0) {
    return [...headline(`${sign} is what the cause ${only.code} looks like`, page), ...explainCause(only, page)]
  }
  return [
    ...headline(`${sign}: ${causes.length} causes look like this, and a comparison tells them apart`, page),
    ...inShort(causes, page),
    ...paragraph(
      `next: ${explainCommand('CAUSE')} tells one in full; postern check TARGET finds out which it is`,
      page,
    ),
  ]
}

function inShort(causes: readonly ExplainedCause[], page: Page): readonly string[] {
  return fieldLines(
    causes.map(({ code, meaning, toldApartBy }) => [code, `${meaning} Told apart by: ${toldApartBy}`]),
    page,
  )
}

/** Codes, events and messages: what they say, where they come from, what to do. Codes that mean the same share a row. */
export function explainCodes(rows: readonly ExplainedCode[], page: Page): readonly string[] {
  return rows.flatMap((row, at) => [
    ...(at === 0 ? [] : ['']),
    ...headline(`${[row.code, ...(row.relatedCodes ?? [])].join(', ')}: ${row.meaning}`, page),
    ...fieldLines(
      [
        ['likely cause', row.likelyCause],
        ['what to do', row.whatToDo],
        ['note', row.note],
        ['confidence', row.confidence],
        ['subject', row.category],
        ['source', sourceOf(row)],
        ['see also', row.cause === undefined ? undefined : explainCommand(row.cause)],
      ],
      page,
    ),
  ])
}

/** Codes that the table does not have: what their family says, and where to ask. */
export function explainUnlistedCodes(codes: readonly UnlistedCode[], page: Page): readonly string[] {
  return codes.flatMap(({ code, meaning, lookUp, source }, at) => [
    ...(at === 0 ? [] : ['']),
    ...headline(`${code}: not in the catalog; ${meaning}`, page),
    ...fieldLines(
      [
        ['look it up', lookUp],
        ['source', source === undefined ? undefined : sourceOf(source)],
      ],
      page,
    ),
  ])
}
