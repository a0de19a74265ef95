import type { SignInRequest } from '../model/signInRequest.ts'
import { printableText } from './printable-text.ts'
import { withoutSignInValues } from './withoutSignInValues.ts'

/** Longer addresses are followed by no browser that products agree on; an authorization request has a few hundred characters. */
const longestAddress = 32_768
const longestEndpoint = 300
/** Eight times the longest redirect URI that Entra ID registers. */
const longestUri = 2048
const longestWord = 120
const mostScopes = 32
/** How much of a page is looked at, and how many forms, fields and refreshes in it. */
const lookedAt = 65_536
const mostTags = 64

/** What the request of a sign-in says, however a browser is sent there. */
type Request = Omit<SignInRequest, 'by'>

/**
 * Reads the address of a redirect as a request for a sign-in: OpenID Connect and OAuth 2.0 (RFC 6749 §4.1.1), WS-Federation
 * or SAML. What belongs to one sign-in alone (`state`, `nonce`, `code_challenge`, `wctx`, `SAMLRequest`) is left out.
 *
 * @param location a `Location` field as it came; may be relative (RFC 9110 §10.2.2)
 * @param base the address that was asked for
 * @returns undefined where it is another redirect, or no address at all; never throws on any text
 */
export function readSignInRequest(location: string, base: string): Request | undefined {
  if (location.length > longestAddress || !URL.canParse(location, base)) return undefined
  const url = new URL(location, base)
  return requestAt(url, url.searchParams)
}

/**
 * The request for a sign-in that a page hands to the browser: in a form with hidden fields, or by a refresh that the page
 * asks for (HTML §4.2.5.3). What a script would build is not seen.
 *
 * @param base the address of the page
 */
export function signInRequestOn(page: string, base: string): SignInRequest | undefined {
  const text = page.slice(0, lookedAt)
  for (const attributes of tagsOf(text, /<meta\b([^<>]*)>/gi)) {
    if (attributes.get('http-equiv')?.toLowerCase() !== 'refresh') continue
    const to = refresh.exec(attributes.get('content') ?? '')?.[1]
    const request = to === undefined ? undefined : readSignInRequest(to.trim(), base)
    if (request !== undefined) return { ...request, by: 'meta-refresh' }
  }
  for (const form of text.split(/<form\b/i).slice(1, mostTags)) {
    const [inside = ''] = form.split(/<\/form\b/i, 1)
    const end = inside.indexOf('>')
    const action = attributesOf(inside.slice(0, end < 0 ? inside.length : end)).get('action') ?? ''
    if (action.length > longestAddress || !URL.canParse(action, base)) continue
    const url = new URL(action, base)
    const fields = new URLSearchParams(url.search)
    for (const attributes of tagsOf(inside, /<input\b([^<>]*)>/gi)) {
      fields.append(attributes.get('name') ?? '', attributes.get('value') ?? '')
    }
    const request = requestAt(url, fields)
    if (request !== undefined) return { ...request, by: 'form' }
  }
  return undefined
}

/** `0;url=…`. Each part has a most length: a page of nothing but blanks would be tried in every way to part them. */
const refresh = /^\s{0,8}[\d.]{0,16}\s{0,8}[;,]?\s{0,8}url\s{0,8}=\s{0,8}["']?([^"']*)/i

const withoutValues = (address: string | undefined): string | undefined => address && withoutSignInValues(address)

function requestAt(url: URL, fields: URLSearchParams): Request | undefined {
  const protocol = protocolOf(fields)
  if (protocol === undefined || !/^https?:$/.test(url.protocol)) return undefined
  const openId = protocol === 'openid-connect'
  const word = (name: string, limit = longestWord): string | undefined => {
    const text = printableText(fields.get(name) ?? '', limit)
    return text === '' ? undefined : text
  }
  const scopes = (fields.get('scope') ?? '').split(/\s+/, mostScopes + 1).filter((scope) => scope !== '')
  const told = {
    clientId: withoutValues(word(openId ? 'client_id' : 'wtrealm', longestEndpoint)),
    redirectUri: withoutValues(word(openId ? 'redirect_uri' : 'wreply', longestUri)),
    responseType: openId ? word('response_type') : undefined,
    responseMode: openId ? word('response_mode') : undefined,
    scopes:
      openId && scopes.length > 0
        ? scopes.slice(0, mostScopes).map((scope) => printableText(scope, longestWord))
        : undefined,
  }
  return {
    protocol,
    endpoint: printableText(withoutSignInValues(`${url.origin}${url.pathname}`), longestEndpoint),
    ...(told.clientId !== undefined && { clientId: told.clientId }),
    ...(told.redirectUri !== undefined && { redirectUri: told.redirectUri }),
    ...(told.responseType !== undefined && { responseType: told.responseType }),
    ...(told.responseMode !== undefined && { responseMode: told.responseMode }),
    ...(told.scopes !== undefined && { scopes: told.scopes }),
  }
}

/** `request` and `request_uri` carry the rest where nobody reads it on the way (RFC 9101, RFC 9126). */
function protocolOf(fields: URLSearchParams): SignInRequest['protocol'] | undefined {
  if (fields.has('client_id')) {
    const asks = ['response_type', 'redirect_uri', 'request', 'request_uri'].some((name) => fields.has(name))
    return asks ? 'openid-connect' : undefined
  }
  if (fields.get('wa') === 'wsignin1.0') return 'ws-federation'
  return fields.has('SAMLRequest') ? 'saml' : undefined
}

function tagsOf(text: string, tag: RegExp): readonly ReadonlyMap<string, string>[] {
  const found: ReadonlyMap<string, string>[] = []
  for (const [, attributes = ''] of text.matchAll(tag)) {
    if (found.length === mostTags) break
    found.push(attributesOf(attributes))
  }
  return found
}

/** The attributes of one tag, names in lower case; the first of twins counts, as in browsers. */
function attributesOf(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name = '', double, single, bare] of text.matchAll(
    /([a-z][a-z-]{0,40})\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))/gi,
  )) {
    const key = name.toLowerCase()
    if (!attributes.has(key)) attributes.set(key, unescaped(double ?? single ?? bare ?? ''))
  }
  return attributes
}

const named: Readonly<Record<string, string>> = Object.freeze({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" })

/** Characters that a page writes by number or by one of the names that every writer knows. */
function unescaped(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return named[name.toLowerCase()] ?? whole
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
