import { createHash, randomBytes } from 'node:crypto'
import type { AppRegistration } from './apps.ts'
import { graphAppId } from './apps.ts'
import type { Person } from './people.ts'
import { mostGroupsInToken } from './people.ts'
import type { Place } from './place.ts'
import { issuerV1, issuerV2 } from './place.ts'
import type { Claims, TokenMaker } from './signToken.ts'

/** Who signed in, to what and how. */
export interface SignedIn {
  readonly person: Person
  readonly app: AppRegistration
  readonly nonce: string | undefined
  readonly sid: string | undefined
  /** Seconds since 1970. */
  readonly authTime: number
  /** Authentication contexts to tell of. */
  readonly contexts: readonly string[]
  readonly factors: readonly string[]
}

/** What an access token is for. */
export interface Granted {
  readonly api: AppRegistration
  /** The audience as the client named the API: v1.0 tokens bear it. */
  readonly named: string
  readonly scopes: readonly string[]
  /** How the client proved itself: 0 none, 1 secret, 2 certificate. */
  readonly proof: '0' | '1' | '2'
  /** Client capabilities, such as cp1. */
  readonly capabilities: readonly string[]
}

/** Pairwise: another for each app (OpenID Connect Core §8.1). */
export const subjectOf = (place: Place, clientId: string, object: string): string =>
  createHash('sha256').update(`${place.tenantId} ${clientId} ${object}`).digest('base64url')

/** @see https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference */
export function idTokenClaims({ place, ...times }: TokenMaker, signedIn: SignedIn): Claims {
  const { app, person, nonce, sid, authTime, contexts } = signedIn
  return {
    aud: app.clientId,
    iss: issuerV2(place),
    ...lifetime(times),
    auth_time: authTime,
    ...aboutPerson(place, person),
    name: person.name,
    ...(nonce !== undefined && { nonce }),
    oid: person.id,
    preferred_username: person.userName,
    rh: '0.lab.',
    ...(sid !== undefined && { sid }),
    sub: subjectOf(place, app.clientId, person.id),
    tid: place.tenantId,
    uti: newId(),
    ver: '2.0',
    ...(contexts.length > 0 && { acrs: contexts }),
  }
}

/**
 * The claims of an access token, in the version that the API asks for.
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export function userTokenClaims({ place, ...times }: TokenMaker, signedIn: SignedIn, granted: Granted): Claims {
  const { app, person, sid, contexts, factors } = signedIn
  const { api, scopes, capabilities } = granted
  return {
    ...ofVersion(place, app, granted),
    ...lifetime(times),
    ...(api.clientId === graphAppId ? {} : aboutPerson(place, person)),
    name: person.name,
    oid: person.id,
    ...(api.api?.tokenVersion === 1
      ? { upn: person.userName, unique_name: person.userName, amr: factors }
      : { preferred_username: person.userName }),
    rh: '0.lab.',
    scp: scopes.join(' '),
    ...(sid !== undefined && { sid }),
    sub: subjectOf(place, api.clientId, person.id),
    tid: place.tenantId,
    uti: newId(),
    ...(contexts.length > 0 && { acrs: contexts }),
    ...(capabilities.length > 0 && { xms_cc: capabilities }),
    idtyp: 'user',
  }
}

/** The claims of a token that an app has for itself: roles, and no scopes. */
export function appTokenClaims({ place, ...times }: TokenMaker, app: AppRegistration, granted: Granted): Claims {
  const { api, capabilities } = granted
  return {
    ...ofVersion(place, app, granted),
    ...lifetime(times),
    app_displayname: app.name,
    idtyp: 'app',
    oid: app.servicePrincipalId,
    rh: '0.lab.',
    ...(api.clientId !== graphAppId && groupClaims(place, app.servicePrincipalId, app.groups ?? [])),
    roles: app.appRoles[api.clientId] ?? [],
    sub: app.servicePrincipalId,
    tid: place.tenantId,
    uti: newId(),
    ...(capabilities.length > 0 && { xms_cc: capabilities }),
  }
}

function ofVersion(place: Place, app: AppRegistration, { api, named, proof }: Granted): Claims {
  return api.api?.tokenVersion === 1
    ? { aud: named, iss: issuerV1(place), acr: '1', appid: app.clientId, appidacr: proof, ver: '1.0' }
    : { aud: api.clientId, iss: issuerV2(place), azp: app.clientId, azpacr: proof, ver: '2.0' }
}

const lifetime = ({ nowSec, lifetimeSec }: Pick<TokenMaker, 'nowSec' | 'lifetimeSec'>): Claims => ({
  iat: nowSec,
  nbf: nowSec,
  exp: nowSec + lifetimeSec,
})

/** Roles, groups and kind of account. */
function aboutPerson(place: Place, { id, roles, groups, directoryRoles, isGuest }: Person): Claims {
  return {
    acct: isGuest ? 1 : 0,
    ...(roles.length > 0 && { roles }),
    ...(directoryRoles.length > 0 && { wids: directoryRoles }),
    ...groupClaims(place, id, groups),
  }
}

/** Above the limit groups are left out, with a pointer to a retired API. */
function groupClaims(place: Place, id: string, groups: readonly string[]): Claims {
  const over = groups.length > mostGroupsInToken
  return {
    ...(!over && groups.length > 0 && { groups }),
    ...(over && {
      _claim_names: { groups: 'src1' },
      _claim_sources: {
        src1: { endpoint: `https://graph.windows.net/${place.tenantId}/users/${id}/getMemberObjects` },
      },
    }),
  }
}

const newId = (): string => randomBytes(16).toString('base64url')
