import type { Cloud } from '../model/cloud.ts'
import type { NameRow } from './nameRow.ts'
import { nameRows } from './names.ts'
import { isMeantBy, normalHostName, parsePattern } from './pattern.ts'

/** Read once: a check holds every name that it meets against all of them. */
const publicPatterns = nameRows
  .filter(({ only }) => only === undefined)
  .map((row) => ({ row, pattern: parsePattern(row.pattern) }))

/** The names and patterns of Microsoft's lists for a cloud that cover a host name; the customer's own are left out. */
export function namesCovering(name: string, cloud: Cloud): readonly NameRow[] {
  const wanted = normalHostName(name)
  if (wanted === undefined) return []
  return publicPatterns.flatMap(({ row, pattern }) =>
    row.clouds.includes(cloud) && isMeantBy(pattern, wanted) ? [row] : [],
  )
}

/**
 * Whether a host name is one of Microsoft's own that TLS is spoken with, as far as its lists for the cloud go.
 * Revocation hosts, which are fetched on plain HTTP and are partly other companies', are not.
 */
export function isMicrosoftName(name: string, cloud: Cloud): boolean {
  return namesCovering(name, cloud).some((row) => row.scheme !== 'http')
}
