import { nameRows } from '../catalog/index.ts'
import type { Confidence } from '../model/cause.ts'
import type { Cloud } from '../model/cloud.ts'
import { isGuid } from '../model/guid.ts'
import type { HttpExchange } from '../model/observation.ts'
import { leadsToOwnApp, ownAppOf } from '../model/ownApp.ts'
import type { Role } from '../model/role.ts'
import type { SignInRequest } from '../model/signInRequest.ts'
import type { OwnApp } from '../model/site.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Difference } from './redirectUri.ts'
import { differences, isInternal, isLoopback, originDifferences, uriParts } from './redirectUri.ts'
import type { Match, Rule } from './rule.ts'
import type { Seen } from './seen.ts'
import { hostOf, listed, placeOf } from './wording.ts'

/** Where an own app sends its users to sign in, against what is right for it: the network is well. */
export const signInRules: readonly Rule[] = [
  { cause: 'wrong-registration', match: wrongRegistration },
  { cause: 'reply-url-mismatch', match: notRegistered },
  { cause: 'reply-url-mismatch', match: neverRight },
]

/** A request for a sign-in that the app answered with. */
interface Asked {
  readonly exchange: HttpExchange
  readonly signIn: SignInRequest
  readonly authority: Authority
  /** What the site file says of the app. */
  readonly app: OwnApp | undefined
}

function askedOf(seen: Seen): Asked | undefined {
  const { flow, context, kinds } = seen
  if (!leadsToOwnApp(flow, context.apps)) return undefined
  for (const exchange of kinds['http-exchange']) {
    const { signIn, role } = exchange
    if (signIn === undefined || role === 'context') continue
    return { exchange, signIn, authority: authorityOf(signIn.endpoint), app: ownAppOf(flow, context.apps) }
  }
  return undefined
}

/** Who is asked to sign somebody in, or issues the tokens for it. */
interface Authority {
  readonly host: string
  /** Clouds of Entra ID whose authority it is; none: somebody else's. */
  readonly clouds: readonly Cloud[]
  /** The tenant of Entra ID, by its id, its name, or `common` and the like. */
  readonly tenant?: string
}

/** Authority hosts of each cloud: those of the lists, and those that their metadata names beside them. */
const authorityHosts: ReadonlyMap<string, readonly Cloud[]> = new Map([
  ...nameRows
    .filter(({ feature, part }) => feature === 'sign-in' && part === 'authority')
    .map(({ pattern, clouds }) => [pattern, clouds] as const),
  ['login.windows.net', ['worldwide']],
  ['login.microsoft.com', ['worldwide']],
  ['login.chinacloudapi.cn', ['china']],
  ['sts.chinacloudapi.cn', ['china']],
  // Version 1.0 tokens of the government clouds are issued under this name as well.
  ['sts.windows.net', ['worldwide', 'usgov-gcchigh', 'usgov-dod']],
])

function authorityOf(url: string): Authority {
  const parts = uriParts(url)
  const clouds = authorityHosts.get(parts?.host ?? '') ?? []
  const tenant = parts?.path.split('/')[1]?.toLowerCase()
  return { host: parts?.host ?? '', clouds, ...(clouds.length > 0 && tenant && { tenant }) }
}

/** Names of a tenant are several, and its id is one: only two ids can differ. */
const areOtherTenants = (one = '', other = ''): boolean =>
  isGuid(one) && isGuid(other) && one.toLowerCase() !== other.toLowerCase()

/** Another tenant, another cloud, another issuer, another client id. */
function wrongRegistration(seen: Seen): Match | undefined {
  const asked = askedOf(seen)
  if (asked?.app === undefined) return undefined
  const { app, signIn, authority, exchange } = asked
  const { context } = seen
  const match = (confidence: Confidence, what: string, fix: string): Match => ({
    confidence,
    says: `the app at ${placeOf(seen.flow)} ${what}`,
    fix,
    alternatives: [],
    nextProbe: `read the authority and the client id in the configuration of the app; ${openIt(exchange)}`,
    decidedBy: [exchange.id],
  })
  const correct = (right: string): string => `set the authority of the app to ${right}, or correct the site file`
  if (app.issuer !== undefined) {
    const right = authorityOf(app.issuer)
    if (authority.clouds.length === 0 || right.clouds.length === 0) {
      if (right.host === authority.host) return wrongClient(asked, match)
      return match(
        'likely',
        `asks ${signIn.endpoint} for the sign-in, and its issuer is ${app.issuer}`,
        correct(app.issuer),
      )
    }
    const otherTenant = areOtherTenants(right.tenant, authority.tenant)
    const otherCloud = !right.clouds.some((cloud) => authority.clouds.includes(cloud))
    if (otherTenant || otherCloud) {
      const what = otherTenant ? `tenant ${authority.tenant}` : `${authority.host}, which is another cloud`
      return match('certain', `sends its users to ${what}, and its issuer is ${app.issuer}`, correct(app.issuer))
    }
    return wrongClient(asked, match)
  }
  // Whoever signs in with somebody else has no tenant that could be wrong, and no client id of Entra ID.
  if (authority.clouds.length === 0) return undefined
  if (!authority.clouds.includes(context.cloud)) {
    return match(
      'likely',
      `sends its users to ${authority.host}, and the site is in the cloud ${context.cloud}`,
      correct(`that of the cloud ${context.cloud}`),
    )
  }
  const { tenant } = context
  if (areOtherTenants(tenant, authority.tenant)) {
    return match(
      'likely',
      `sends its users to tenant ${authority.tenant}, and the site has tenant ${tenant}`,
      `set the tenant of the app to ${tenant}, or give the app its issuer in the site file`,
    )
  }
  return wrongClient(asked, match)
}

function wrongClient(
  { app, signIn: { protocol, clientId } }: Asked,
  match: (confidence: Confidence, what: string, fix: string) => Match,
): Match | undefined {
  const right = app?.client
  if (right === undefined || clientId === undefined || protocol !== 'openid-connect') return undefined
  if (clientId.toLowerCase() === right) return undefined
  return match(
    'certain',
    `asks for the sign-in as client ${clientId}, and its registration is ${right}`,
    `set the client id of the app to ${right}, or correct the site file`,
  )
}

/** What the app sends. By the port of `names:` it means the planned one: it has learnt of it from our own `Host`. */
function sentOf({ signIn }: Asked, { flow }: Seen): ReturnType<typeof uriParts> {
  const { port, plannedPort } = flow.target
  const sent = uriParts(signIn.redirectUri ?? '')
  return sent !== undefined && plannedPort !== undefined && sent.port === port ? { ...sent, port: plannedPort } : sent
}

/** Whether what is registered is registered where the app asks: with the issuer that is named, else with Entra ID. */
function isRegisteredThere({ app, authority }: Asked): boolean {
  return authority.clouds.length > 0 || app?.issuer !== undefined
}

/** The redirect URI is none of those that the site file has. */
function notRegistered(seen: Seen): Match | undefined {
  const asked = askedOf(seen)
  const sent = asked && sentOf(asked, seen)
  if (asked?.app === undefined || sent === undefined || !isRegisteredThere(asked)) return undefined
  const { app, exchange, signIn } = asked
  const compared = app.redirectUris
    .flatMap((uri) => {
      const parts = uriParts(uri)
      return parts === undefined ? [] : [{ uri, differs: differences(sent, parts) }]
    })
    .toSorted((a, b) => a.differs.length - b.differs.length)
  const [nearest] = compared
  if (nearest === undefined || nearest.differs.length === 0) return undefined
  const { uri, differs } = nearest
  const others = compared.length > 1 ? `, the nearest of ${compared.length}` : ''
  return {
    confidence: 'certain',
    says: `the app at ${placeOf(seen.flow)} asks for the sign-in with redirect_uri ${signIn.redirectUri}, and ${uri} is registered${others}: ${listed(differs)} ${differs.length > 1 ? 'differ' : 'differs'}${seenByUsers(asked)}`,
    fix: fixOf(asked, differs, uri),
    alternatives: [],
    decidedBy: [exchange.id],
  }
}

/** What users see of it where Entra ID is asked. */
function seenByUsers({ authority }: Asked): string {
  return authority.clouds.length > 0 ? '; users see AADSTS50011' : ''
}

/** Clients who are people: where they are sent back to has to be where they came from. */
const people: ReadonlySet<Role> = new Set(['user-client', 'intranet-client'])

/**
 * A redirect URI that is wrong by itself, whatever is registered: http that Entra ID never registers, the machine of
 * whoever signs in, or the inside of a proxy's network. Without a word of the site file about the app, another port or host
 * is told only where people ask: others may come by another way than people do.
 */
function neverRight(seen: Seen): Match | undefined {
  const asked = askedOf(seen)
  const sent = asked && sentOf(asked, seen)
  if (asked === undefined || sent === undefined || (asked.app?.redirectUris.length ?? 0) > 0) return undefined
  const { app, exchange, signIn, authority } = asked
  const { flow } = seen
  const { name, address, port, plannedPort } = flow.target
  const host = name ?? address ?? seen.address ?? ''
  const right =
    app === undefined
      ? { scheme: 'https', host: host.toLowerCase(), port: plannedPort ?? port ?? 443, path: '/' }
      : uriParts(app.url)
  // What another identity provider registers, nobody here knows.
  if (right === undefined || !isRegisteredThere(asked)) return undefined
  const match = (confidence: Confidence, why: string, differs: readonly Difference[]): Match => ({
    confidence,
    says: `the app at ${placeOf(flow)} asks for the sign-in with redirect_uri ${signIn.redirectUri}: ${why}`,
    fix: fixOf(asked, differs, `${right.scheme}://${authorityText(right)}${sent.path}`),
    alternatives: [],
    nextProbe: `compare it with the redirect URIs of the app registration${signIn.clientId === undefined ? '' : ` ${signIn.clientId}`}; ${openIt(exchange)}`,
    decidedBy: [exchange.id],
  })
  if (isLoopback(sent.host) && !isLoopback(right.host)) {
    return match('likely', `${sent.host} is the machine of whoever signs in, not ${hostOf(flow)}`, ['host'])
  }
  const differs = originDifferences(sent, right)
  if (sent.scheme === 'http' && !isLoopback(sent.host)) {
    return authority.clouds.length > 0
      ? match('certain', `Entra ID registers http for localhost alone${seenByUsers(asked)}`, differs)
      : match('possible', 'it was asked for by https, and users would come back by http', differs)
  }
  const known: Confidence | undefined =
    app !== undefined ? 'likely' : people.has(flow.fromRole) ? 'possible' : undefined
  if (known === undefined) return undefined
  const inside = differs.includes('host') && isInternal(sent.host) && !isInternal(right.host)
  const otherPort = !differs.includes('host') && differs.includes('port')
  if (!inside && !otherPort) return undefined
  const opened = app === undefined ? 'was asked for' : 'is opened'
  const why = `the app ${opened} at ${authorityText(right)}, and ${listed(differs)} ${differs.length > 1 ? 'differ' : 'differs'}`
  return match(known, why, differs)
}

function authorityText({ scheme, host, port }: { scheme: string; host: string; port: number }): string {
  const written = host.includes(':') ? `[${host}]` : host
  return port === (scheme === 'http' ? 80 : 443) ? written : `${written}:${port}`
}

/** By what a reverse proxy tells an app which address its users know (RFC 7239, and the fields that came before it). */
const forwarded: Readonly<Partial<Record<Difference, string>>> = Object.freeze({
  scheme: 'X-Forwarded-Proto',
  host: 'X-Forwarded-Host',
  port: 'X-Forwarded-Port',
})

function fixOf({ signIn }: Asked, differs: readonly Difference[], right: string): string {
  const fields = differs.flatMap((part) => forwarded[part] ?? [])
  const client = signIn.clientId === undefined ? 'the app' : `client ${signIn.clientId}`
  const register = `register exactly ${signIn.redirectUri} for ${client}`
  const isHttp = differs.includes('scheme') || signIn.redirectUri?.startsWith('http:')
  if (fields.length > 0) {
    const send = `let the app send ${right}: its proxy has to pass ${listed(fields)} (or Host unchanged), and the app has to honour it`
    return isHttp || differs.includes('host') ? send : `${send}; or ${register}`
  }
  return `let the app send ${right}, or ${register}`
}

function openIt({ url }: HttpExchange): string {
  return `open ${url} in a browser`
}

/** What the request for a sign-in tells; of an app of which the site file knows, also that none was seen. */
export function signInLearnt(seen: Seen): Verdict['learnt'] {
  const asked = askedOf(seen)
  if (asked === undefined) {
    const { flow, context, exchanges } = seen
    const isKnown = exchanges.worked.length > 0 && ownAppOf(flow, context.apps) !== undefined
    return isKnown && leadsToOwnApp(flow, context.apps)
      ? { signIn: 'none seen: no redirect, form or refresh leads to one' }
      : {}
  }
  const { protocol, by, endpoint, clientId, redirectUri, responseMode, scopes } = asked.signIn
  return {
    signIn: endpoint,
    signInProtocol: protocol,
    signInBy: by,
    ...(clientId !== undefined && { clientId }),
    ...(redirectUri !== undefined && { redirectUri }),
    ...(responseMode !== undefined && { responseMode }),
    ...(scopes !== undefined && { scopes }),
  }
}
