import type { Cloud } from '../model/cloud.ts'
import type { NameRow } from './nameRow.ts'
import { nameRows } from './names.ts'
import type { Pattern } from './pattern.ts'
import { isMeantBy, normalHostName, parsePattern } from './pattern.ts'

/** A row with its pattern read, and its place in the list. */
interface Listed {
  readonly row: NameRow
  readonly place: number
  readonly pattern: Pattern
}

/**
 * Read once, and kept by the ending that a name must have to be meant: a check holds every name that it meets against
 * all of them.
 */
const publicPatterns: ReadonlyMap<string, readonly Listed[]> = Map.groupBy(
  nameRows
    .filter(({ only }) => only === undefined)
    .map((row, place) => ({ row, place, pattern: parsePattern(row.pattern) })),
  ({ pattern }) => endingOf(pattern),
)

/** The whole labels that every name meant by a pattern ends in; none for a template, whose placeholders may be dots. */
function endingOf(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'exact':
      return pattern.name
    case 'wildcard':
      return pattern.labels.slice(pattern.labels.findLastIndex((label) => label.includes('*')) + 1).join('.')
    case 'template':
    case 'tag':
      return ''
    default:
      return pattern satisfies never
  }
}

/** The names and patterns of Microsoft's lists for a cloud that cover a host name; the customer's own are left out. */
export function namesCovering(name: string, cloud: Cloud): readonly NameRow[] {
  const wanted = normalHostName(name)
  if (wanted === undefined) return []
  return covering(wanted, cloud)
    .sort((one, other) => one.place - other.place)
    .map(({ row }) => row)
}

/** What covers a name, by the endings that the name has: the whole first, none last. */
function covering(wanted: string, cloud: Cloud): Listed[] {
  const found: Listed[] = []
  for (let at = 0; ; ) {
    for (const listed of publicPatterns.get(wanted.slice(at)) ?? []) {
      if (isMeantBy(listed.pattern, wanted) && listed.row.clouds.includes(cloud)) found.push(listed)
    }
    if (at === wanted.length) return found
    const dot = wanted.indexOf('.', at)
    at = dot < 0 ? wanted.length : dot + 1
  }
}

/**
 * Whether a host name is one of Microsoft's own that TLS is spoken with, as far as its lists for the cloud go.
 * Revocation hosts, which are fetched on plain HTTP and are partly other companies', are not.
 */
export function isMicrosoftName(name: string, cloud: Cloud): boolean {
  const wanted = normalHostName(name)
  return wanted !== undefined && covering(wanted, cloud).some(({ row }) => row.scheme !== 'http')
}
