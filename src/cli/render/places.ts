import type { Flow } from '../../model/flow.ts'
import { cloudRoles } from '../../model/role.ts'

/** The sides on which the accepting ends of flows lie, as a picture parts them. */
export type Zone = 'Microsoft and public services' | 'hosts of the site' | 'other hosts'

const outside: ReadonlySet<string> = new Set([...cloudRoles, 'internet'])

export function zoneOf({ toRole }: Pick<Flow, 'toRole'>): Zone {
  if (outside.has(toRole)) return 'Microsoft and public services'
  return toRole === 'any' ? 'other hosts' : 'hosts of the site'
}

/** What a picture has one place for, and what a rule must name: the pattern or name, else the address, else the host. */
export function placeOf({ to, target }: Pick<Flow, 'to' | 'target'>): string {
  return target.pattern ?? target.name ?? target.address ?? to
}

/** What was dialled at a place that is called otherwise: the name that stands for a pattern, else nothing. */
export function standInOf({ target }: Pick<Flow, 'target'>): string | undefined {
  return target.pattern === undefined ? undefined : target.name
}
