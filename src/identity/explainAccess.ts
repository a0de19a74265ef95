import type { AccessReport, AskedAccess } from '../model/accessReport.ts'
import type { Route } from '../model/route.ts'
import { readRequestTarget, targetReasons } from '../wire/requestTarget.ts'
import type { Identity } from './identity.ts'
import type { Asked, WayIn } from './judgeAccess.ts'
import { hostOf, judgeAccess } from './judgeAccess.ts'
import type { AccessRequest, KnownGroups } from './policies/criterion.ts'

/** A request as it is asked about: one that was recorded, or one that nobody has made yet. */
export interface AskedRequest {
  /** In capitals. */
  readonly method: string
  /** In lower case, without port. */
  readonly host: string
  /** The request target, as it would be sent. */
  readonly target: string
  readonly identity?: Identity
  /** Canonical; absent: it is in no list. */
  readonly address?: string
  /** SHA-256 of a client certificate, in lower-case hexadecimal. */
  readonly certificateSha256?: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** The gate that is asked about. */
export interface AskedGate {
  readonly site: string
  /** The version that answers. */
  readonly postern: string
  readonly routes: readonly Route[]
  /** `https://host:port`; with it, what is asked of another host than this and those that routes name is denied. */
  readonly origin?: string
  /** Microsoft's address ranges by service tag; absent: they are not known. */
  readonly publishedRanges?: AccessRequest['publishedRanges']
}

/** Tells whether a request would pass, which rule decides, and what is missing for each way in. */
export function explainAccess(
  { site, postern, routes, origin, publishedRanges }: AskedGate,
  asked: AskedRequest,
): AccessReport {
  const { method, host, target, identity, address, certificateSha256, at } = asked
  const read = readRequestTarget(target)
  const request: AccessReport['request'] = {
    method,
    host,
    path: read.ok ? read.target.path : target,
    who: identity?.kind ?? 'nobody',
    ...(identity !== undefined && { tenantId: identity.tenantId, objectId: identity.objectId }),
    ...(address !== undefined && { address }),
    at: new Date(at).toISOString(),
  }
  const told = { postern, kind: 'access', site, request } as const
  if (!read.ok) return { ...told, allowed: false, because: read.reason, says: targetReasons[read.reason], ways: [] }
  const served =
    origin === undefined ? undefined : [new URL(origin).hostname, ...routes.flatMap(({ hosts = [] }) => hosts)]
  if (served?.some((one) => hostOf(one) === hostOf(host)) === false) {
    return { ...told, allowed: false, because: 'host-not-served', says: 'the gate has no such host', ways: [] }
  }
  const verdict = judgeAccess(routes, {
    method,
    host,
    path: read.target.path,
    address: address ?? '',
    at,
    ...(identity !== undefined && { identity, groups: groupsOf(identity) }),
    ...(certificateSha256 !== undefined && { certificateSha256 }),
    ...(publishedRanges !== undefined && { publishedRanges }),
  })
  if (verdict.allowed) {
    const { route, way } = verdict
    return {
      ...told,
      allowed: true,
      because: 'allowed',
      says: `route ${route.id} lets it pass`,
      ...placed(route, [way]),
    }
  }
  switch (verdict.because) {
    case 'no-route':
      return { ...told, allowed: false, because: 'no-route', says: 'no route is for this host and path', ways: [] }
    case 'method-not-allowed': {
      const says = `the routes for this path are for ${verdict.methods.join(', ')}`
      return { ...told, allowed: false, because: 'method-not-allowed', says, ways: [] }
    }
    case 'denied': {
      const { route, ways, next, context } = verdict
      const says = ways.length === 0 ? `route ${route.id} has no way in` : `no way in of route ${route.id} is open`
      const after = { next, ...(context !== undefined && { context }) }
      return { ...told, allowed: false, because: 'denied', says, ...placed(route, ways), ...after }
    }
    default:
      return verdict satisfies never
  }
}

/** What a token tells; what it leaves out because it is too much, nobody is asked for here. */
function groupsOf({ groups }: Identity): KnownGroups {
  return groups.kind === 'listed'
    ? { kind: 'listed', ids: new Set(groups.ids) }
    : { kind: 'unknown', because: groups.kind }
}

function placed({ id, path }: Route, ways: readonly WayIn[]): Pick<AccessReport, 'route' | 'ways'> {
  return { route: { id, path }, ways: ways.map(({ at, judged }) => ({ at, asked: judged.map(askedOf) })) }
}

function askedOf(one: Asked): AskedAccess {
  const asks = one.asks.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)
  return { asks, ok: one.ok, reason: one.reason, ...(!one.ok && { says: one.says }) }
}
