import { impliedRoles, roleRows } from '../catalog/index.ts'
import type { Role, SiteRole } from '../model/role.ts'
import type { Host, Site } from '../model/site.ts'

/** One end of a flow: a host or network of the site, or a role that somebody else plays. */
export type End =
  | { readonly kind: 'host'; readonly name: string; readonly host: Host }
  | { readonly kind: 'network'; readonly name: string; readonly prefixes: readonly string[] }
  | { readonly kind: 'cloud'; readonly name: Role }
  | { readonly kind: 'internet'; readonly name: 'internet' }
  | { readonly kind: 'nobody'; readonly name: Role }

/** The roles that a host plays, with those that a feature gives it although the site file does not write them down. */
export function rolesOf(site: Site, host: Host): readonly SiteRole[] {
  const implied = impliedRoles
    .filter(
      ({ feature, role, playedBy }) =>
        site.features.includes(feature) && host.roles.includes(playedBy) && !host.roles.includes(role),
    )
    .map(({ role }) => role)
  return implied.length > 0 ? [...host.roles, ...implied] : host.roles
}

/**
 * Who plays a role at this site: every host and network that has it, Microsoft's side for a cloud role, the whole site
 * for `any`. A site role that nobody has comes back as one end of the kind `nobody`.
 */
export function endsOf(site: Site, role: Role): readonly End[] {
  if (role === 'internet') return [{ kind: 'internet', name: 'internet' }]
  if (role === 'any') return Object.entries(site.hosts).map(([name, host]) => ({ kind: 'host', name, host }))
  const row = roleRows[role]
  if (row.side === 'cloud') return [{ kind: 'cloud', name: role }]
  const wanted = new Set<Role>(row.members ?? [role])
  const ends: End[] = []
  for (const [name, host] of Object.entries(site.hosts)) {
    if (rolesOf(site, host).some((played) => wanted.has(played))) ends.push({ kind: 'host', name, host })
  }
  for (const [name, network] of Object.entries(site.networks)) {
    if (network.roles.some((played) => wanted.has(played))) {
      ends.push({ kind: 'network', name, prefixes: network.prefixes })
    }
  }
  return ends.length > 0 ? ends : [{ kind: 'nobody', name: role }]
}

/** Whether a host or network of the site plays a role. */
export function isPlayed(site: Site, role: SiteRole): boolean {
  return endsOf(site, role).every(({ kind }) => kind !== 'nobody')
}

/** Whom an end of the user's own flow means: the host or network that is called so, else whoever plays that role. */
export function endsNamed(site: Site, name: string): readonly End[] {
  const host = Object.hasOwn(site.hosts, name) ? site.hosts[name] : undefined
  if (host !== undefined) return [{ kind: 'host', name, host }]
  const network = Object.hasOwn(site.networks, name) ? site.networks[name] : undefined
  if (network !== undefined) return [{ kind: 'network', name, prefixes: network.prefixes }]
  return endsOf(site, name as Role)
}
