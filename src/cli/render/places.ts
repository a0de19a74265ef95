import type { Flow } from '../../model/flow.ts'
import { cloudRoles } from '../../model/role.ts'

/** The sides on which the accepting ends of flows lie, as a picture parts them. */
export type Zone = 'Microsoft and public services' | 'hosts of the site' | 'other hosts'

const outside: ReadonlySet<string> = new Set([...cloudRoles, 'internet'])

export function zoneOf({ toRole }: Pick<Flow, 'toRole'>): Zone {
  if (outside.has(toRole)) return 'Microsoft and public services'
  return toRole === 'any' ? 'other hosts' : 'hosts of the site'
}

/** What a picture has one place for: the name or pattern, else the address, else the host. */
export function placeOf({ to, target }: Pick<Flow, 'to' | 'target'>): string {
  return target.name ?? target.pattern ?? target.address ?? to
}
