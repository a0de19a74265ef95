import type { ConfigError, LoadedSite } from '../config/index.ts'
import { formatConfigErrors } from '../config/index.ts'
import type { Authority } from '../identity/index.ts'
import { authorities, ofIdentity, playedAuthority } from '../identity/index.ts'
import type { Gate } from '../model/gate.ts'
import { isGuid } from '../model/guid.ts'
import type { AccessRule, Route } from '../model/route.ts'
import { UsageError } from './shell.ts'

/** A gate that can be served: everything that the site file may leave out is there. */
export interface ServedGate {
  readonly gate: Gate
  readonly origin: string
  readonly routes: readonly Route[]
  /** Ids in lower case; none where nobody signs in. */
  readonly tenants: readonly string[]
  readonly authority: Authority
}

/**
 * The gate of a site file, when it is whole.
 *
 * @throws UsageError with one line for each thing that it lacks
 */
export function servedGate({ site, errorAt, file }: LoadedSite): ServedGate {
  const { gate } = site
  if (gate === undefined) {
    throw new UsageError(
      `${file}:1:1: there is no gate to serve, write gate: with origin, certificates, routes and backends`,
    )
  }
  const { origin, routes = [], certificates, backends } = gate
  const errors: ConfigError[] = []
  const lacks = (what: string, right: string, ...path: readonly (string | number)[]): void =>
    void errors.push(errorAt(['gate', ...path], { what, right }))
  if (origin === undefined) lacks('the gate has no origin', 'write origin: https://payroll.corp.example:8443')
  if (certificates.length === 0) {
    lacks('the gate has no certificate', 'write certificates: [{ certificate: gate.pem, key: gate.key }]')
  }
  if (routes.length === 0) lacks('nothing is open: there is no route', 'write routes: with id, path, allow and to')
  if (Object.keys(backends).length === 0 && routes.length > 0) {
    lacks('there is no backend for the routes', 'write backends: { app: { urls: [https://app01.corp.example:8443] } }')
  }
  const asksWho = routes.flatMap(({ allow }, at) => (allow.some(isOfIdentity) ? [at] : []))
  const [first] = asksWho
  const takesPeople = gate.signIn !== undefined || gate.api !== undefined
  if (first !== undefined && !takesPeople) {
    const right = 'write sign-in: for browsers, api: for callers with tokens, or both'
    lacks('the route asks who comes, and the gate takes nobody', right, 'routes', first)
  }
  const elsewhere = routes.findIndex(({ hosts, allow }) => isElsewhere(hosts, origin) && allow.some(isOfIdentity))
  if (elsewhere >= 0 && gate.signIn !== undefined && gate.api === undefined) {
    const right = 'write api: for callers with tokens, or leave such hosts out'
    const what = 'the route asks who comes at another host than that of the origin, where no browser can sign in'
    lacks(what, right, 'routes', elsewhere, 'hosts')
  }
  const tagged = routes.findIndex(({ allow }) => allow.some(({ serviceTags }) => serviceTags !== undefined))
  if (tagged >= 0 && gate.serviceTags === undefined) {
    lacks(
      'the route asks for service tags, and their ranges are not known',
      'write service-tags: FILE',
      'routes',
      tagged,
    )
  }
  const tenants = gate.tenants ?? (site.tenant === undefined ? [] : [site.tenant])
  if (takesPeople && (tenants.length === 0 || !tenants.every(isGuid))) {
    lacks('tokens are held against the id of a tenant, and none is given', 'write tenants: [TENANT-ID]')
  }
  if (errors.length > 0 || origin === undefined) throw new UsageError(...formatConfigErrors(errors))
  const authority = gate.authority === undefined ? authorities[site.cloud] : playedAuthority(gate.authority)
  return { gate, origin, routes, tenants: takesPeople ? tenants.map((id) => id.toLowerCase()) : [], authority }
}

/** Whether a route is for a host that is not the origin's. */
function isElsewhere(hosts: readonly string[] | undefined, origin: string | undefined): boolean {
  if (hosts === undefined || origin === undefined) return false
  const own = new URL(origin).hostname
  return hosts.some((host) => host.toLowerCase() !== own)
}

function isOfIdentity(rule: AccessRule): boolean {
  return Object.keys(rule).some((key) => (ofIdentity as ReadonlySet<string>).has(key))
}
