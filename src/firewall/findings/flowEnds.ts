import type { NameRow } from '../../catalog/index.ts'
import { flowRows, nameRows, namesCovering, revocationHosts, roleRows } from '../../catalog/index.ts'
import type { Cloud } from '../../model/cloud.ts'
import type { Flow } from '../../model/flow.ts'
import type { Role } from '../../model/role.ts'
import type { Audited, AuditedFlow } from '../audited.ts'
import type { PathDevice } from '../judged.ts'

/** Roles of machines at which a person sits: who is asked for a name and a password there can answer. */
const peopleRoles: ReadonlySet<Role> = new Set<Role>([
  'user-client',
  'intranet-client',
  'domain-joined-device',
  'domain-member',
])

/** Whether a service opens the flow, and nobody who could sign in on the way. Of a question that nobody knows. */
export function isOfService({ planned }: AuditedFlow): boolean {
  return planned !== undefined && !peopleRoles.has(planned.fromRole)
}

/** Whether a flow of the plan goes from the site to Microsoft or elsewhere outside. */
export function isOutbound({ direction, toRole }: Flow): boolean {
  return direction === 'outbound-internet' || roleRows[toRole].side === 'cloud' || toRole === 'internet'
}

/** Whether a machine of the site opens a flow itself, and for a service. */
export function isServer({ fromRole }: Flow): boolean {
  return roleRows[fromRole].side === 'site' && !peopleRoles.has(fromRole)
}

/** Whether a flow fetches a revocation list or asks a responder. */
export function isRevocation({ planned, asked }: AuditedFlow): boolean {
  if (!asked.ports.some(({ first, last }) => first <= 80 && 80 <= last)) return false
  if (planned?.toRole === 'crl-ocsp') return true
  const name = asked.name ?? ''
  return nameRows.some(({ pattern, scheme }) => scheme === 'http' && pattern === name) || revocationNames.has(name)
}

const revocationNames: ReadonlySet<string> = new Set([
  ...revocationHosts.crl,
  ...revocationHosts.ocsp,
  ...revocationHosts.aia,
])

/** Rows of Microsoft's lists that have a name, or a pattern as it is written. */
export function rowsOfName(name: string, cloud: Cloud): readonly NameRow[] {
  return name.includes('*')
    ? nameRows.filter((row) => row.pattern === name && row.clouds.includes(cloud))
    : namesCovering(name, cloud)
}

/** The list of names that a row of the catalog speaks to, where it has one. */
export function listOfFlow({ id }: AuditedFlow): NameRow['feature'] | undefined {
  return flowRows.find((row) => row.id === id)?.names
}

export function cloudOf({ site }: Audited): Cloud {
  return site?.cloud ?? 'worldwide'
}

/** Whether a device is asked for names and opens the connections itself. */
export function isProxy({ proxy, ruleSets }: Pick<PathDevice, 'proxy' | 'ruleSets'>): boolean {
  return proxy !== undefined || ruleSets.some(({ vendor }) => vendor === 'squid')
}
