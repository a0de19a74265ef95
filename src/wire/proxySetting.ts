import type { Cidr } from '../model/cidr.ts'
import { cidrContains, parseAddress, parseCidr, parseHostPort } from '../model/cidr.ts'

/** Where a proxy listens, and how it is spoken to. */
export interface ProxyPlace {
  readonly scheme: 'http' | 'https' | 'socks'
  readonly host: string
  readonly port: number
}

/** What goes past the proxy. */
export type Bypass =
  /** Everything. */
  | { readonly kind: 'all' }
  /** Names without a dot (`<local>`, `bypassonlocal`). */
  | { readonly kind: 'local' }
  /** A name and all below it; on one port only where that is given. */
  | { readonly kind: 'domain'; readonly name: string; readonly port?: number }
  /** A pattern in which `*` stands for any text, held against the host, and against `host:port` where it has a port. */
  | { readonly kind: 'glob'; readonly glob: string }
  | { readonly kind: 'prefix'; readonly cidr: Cidr }
  /** A regular expression held against `scheme://host:port` (.NET `bypasslist`). */
  | { readonly kind: 'expression'; readonly source: string }

/** What one source on this machine says of proxies. Credentials are never part of it. */
export interface ProxySetting {
  /** Where it stands, in words a person finds it by: `HTTPS_PROXY`, `netsh winhttp`, a path. */
  readonly from: string
  /** The proxy of each kind of request; none: they go straight out. */
  readonly proxies: { readonly http?: ProxyPlace; readonly https?: ProxyPlace }
  readonly bypass: readonly Bypass[]
  /** Address of an auto-configuration script, which then decides. */
  readonly script?: string
  /** The script is looked for by the network's own means (WPAD). */
  readonly detects: boolean
  /** A user name or password stands in the setting itself, where other programs can read it. */
  readonly holdsCredentials: boolean
  /** What was there and could not be understood. */
  readonly unread: readonly string[]
}

/** Where a request would go. */
export interface Destination {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
}

export type ProxyWay =
  | { readonly kind: 'direct' }
  | { readonly kind: 'proxy'; readonly proxy: ProxyPlace }
  /** A script decides: it has to be fetched and run. */
  | { readonly kind: 'script'; readonly script?: string }

/** The way that one setting sends one request. */
export function wayOf(setting: ProxySetting, to: Destination): ProxyWay {
  if (setting.script !== undefined) return { kind: 'script', script: setting.script }
  if (setting.detects) return { kind: 'script' }
  const proxy = setting.proxies[to.scheme]
  if (proxy === undefined || setting.bypass.some((bypass) => passesBy(bypass, to))) return { kind: 'direct' }
  return { kind: 'proxy', proxy }
}

function passesBy(bypass: Bypass, { scheme, host, port }: Destination): boolean {
  const name = host.toLowerCase()
  switch (bypass.kind) {
    case 'all':
      return true
    case 'local':
      return !name.includes('.') && !name.includes(':')
    case 'domain':
      if (bypass.port !== undefined && bypass.port !== port) return false
      return name === bypass.name || name.endsWith(`.${bypass.name}`)
    case 'glob':
      return globMatches(bypass.glob, name) || globMatches(bypass.glob, `${name}:${port}`)
    case 'prefix': {
      const address = parseAddress(name)
      return address !== undefined && cidrContains(bypass.cidr, address)
    }
    case 'expression':
      return expressionMatches(bypass.source, `${scheme}://${name}:${port}`)
    default:
      return bypass satisfies never
  }
}

/** `*` is any text; walked part by part, so that no pattern can make it slow. */
function globMatches(glob: string, text: string): boolean {
  const [first = '', ...rest] = glob.toLowerCase().split('*')
  if (rest.length === 0) return text === first
  if (!text.startsWith(first)) return false
  const last = rest.pop() ?? ''
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

const longestExpression = 500
/** What an expression is held against has about as many characters: a host name of 253, with scheme and port. */
const longestHeld = 270
/** So many steps are seconds, against text as long as that; against names as people write them, no time at all. */
const mostSteps = 250_000_000

/**
 * Whether an expression comes to its end soon, whatever it is held against: none repeats a group or refers back, and the
 * ways through it are not too many and too long.
 */
export function isBoundedExpression(source: string): boolean {
  const plain = source.replace(/\\[^1-9k]|\[(?:\\.|[^\]\\])*\]/gs, '.').replace(/\(\?(?:[:=!]|<[=!]|<\w+>)/g, '(')
  if (source.length > longestExpression || /\)[*+{]|\\/.test(plain)) return false
  let ways = alternativesIn(plain)
  let length = plain.length
  let shares = 1
  for (const [whole, least, comma, most] of plain.matchAll(/[*+?]|\{(\d+)(,?)(\d*)\}/g)) {
    length += Number(most || (least ?? 0))
    if (whole === '?') ways *= 2
    else if (least === undefined || (comma !== '' && most === '')) shares += 1
    else if (comma !== '') ways *= 1 + Number(most) - Number(least)
  }
  // What stands before the match, and each repetition without an end, share out the text among them.
  for (let share = 1; share <= shares; share += 1) ways *= (longestHeld + share) / share
  return ways * length <= mostSteps
}

/** In how many ways one alternative can be chosen in each group. */
function alternativesIn(plain: string): number {
  let ways = 1
  let rest = `(${plain})`
  for (;;) {
    const outer = rest.replace(/\(([^()]*)\)/g, (_, inside: string) => {
      ways *= inside.split('|').length
      return '.'
    })
    if (outer === rest) return ways
    rest = outer
  }
}

function expressionMatches(source: string, text: string): boolean {
  try {
    return new RegExp(source, 'i').test(text)
  } catch {
    return false
  }
}

const usualPorts = { http: 80, https: 443, socks: 1080 } as const

/**
 * Reads `proxy:3128`, `http://user:secret@proxy:3128` or `socks5://proxy`. What stands before the `@` is dropped: only
 * that it was there is told.
 *
 * @returns undefined when it names no place
 */
export function proxyPlaceOf(
  text: string,
  usualPort?: number,
): { readonly place: ProxyPlace; readonly holdsCredentials: boolean } | undefined {
  const { word, userinfo, place } = authorityOf(text)
  const scheme = schemeOf(word?.toLowerCase())
  const parsed = parseHostPort(place)
  if (scheme === undefined) return undefined
  if (parsed === undefined || parsed.host === '' || /[\s"'<>;,=]/.test(parsed.host)) return undefined
  const port = parsed.port ?? usualPort ?? usualPorts[scheme]
  return { place: { scheme, host: parsed.host.toLowerCase(), port }, holdsCredentials: userinfo !== undefined }
}

/** The scheme, what stands before the `@`, and the place: path, query and fragment are no part of it (RFC 3986 §3.2). */
function authorityOf(text: string): { readonly word?: string; readonly userinfo?: string; readonly place: string } {
  const [, word, authority = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#]*)/i.exec(text.trim()) ?? []
  const at = authority.lastIndexOf('@')
  return {
    ...(word !== undefined && { word }),
    ...(at >= 0 && { userinfo: authority.slice(0, at) }),
    place: authority.slice(at + 1),
  }
}

/** Who asks, as a proxy wants to be told it (RFC 7617). */
interface Credentials {
  readonly user: string
  readonly password: string
}

/**
 * Reads user and password out of a proxy's address (RFC 3986 §3.2.1), percent-encoded as curl takes them.
 *
 * @returns undefined where there are none, or the user name is one that Basic cannot say
 */
export function credentialsIn(text: string): Credentials | undefined {
  const { userinfo } = authorityOf(text)
  if (userinfo === undefined) return undefined
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(userinfo) ?? []
  const known = { user: decoded(user), password: decoded(password) }
  return known.user.includes(':') || (known.user === '' && known.password === '') ? undefined : known
}

/** What is no percent-encoding stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function schemeOf(word: string | undefined): ProxyPlace['scheme'] | undefined {
  if (word === undefined || word === 'http') return 'http'
  if (word === 'https') return 'https'
  return word.startsWith('socks') ? 'socks' : undefined
}

/** An entry that names an address, a prefix, or a name and all below it: the reading of `NO_PROXY`. */
export function domainOrPrefix(entry: string): Bypass {
  const address = parseAddress(entry)
  const width = address?.family === 6 ? 128 : 32
  const parsed = parseCidr(address === undefined ? entry : `${entry}/${width}`)
  if ('ok' in parsed) return { kind: 'prefix', cidr: parsed.ok }
  const { host, port } = parseHostPort(entry) ?? { host: entry.toLowerCase() }
  const name = host.replace(/^\*?\./, '')
  return { kind: 'domain', name, ...(port !== undefined && { port }) }
}
