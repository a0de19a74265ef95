import { isHostName, nearest } from '../catalog/index.ts'
import { canonicalAddress, parseHostPort } from '../model/cidr.ts'
import { bracketed } from '../model/hostPort.ts'
import { isPort } from '../model/ports.ts'
import type { Scheme } from '../model/service.ts'
import { schemes, usualPortOfScheme, usualServiceOfPort } from '../model/service.ts'
import { asciiName } from '../net/asciiName.ts'
import { quoted } from './quoted.ts'
import { isName } from './siteTexts.ts'

/** One thing to check that is named on the command line. */
export interface Target {
  readonly scheme: Scheme
  /** A name in lower case, or an address in canonical text. */
  readonly host: string
  readonly port: number
  /** With its leading slash and query; for `dns` the zone that is asked for, without it. */
  readonly path?: string
  readonly transport: 'tcp' | 'udp'
}

/** Longer texts are no target: a URL of 2,048 octets is the longest that products agree on. */
const longest = 2048

/** Services whose usual conversation is a datagram; `dns` is asked over both. */
const overUdp: ReadonlySet<Scheme> = new Set(['ntp', 'cldap'])

/** Schemes in whose URL a path means something to the probe. */
const takesPath: ReadonlySet<Scheme> = new Set(['http', 'https', 'ws', 'wss', 'dns'])

/**
 * Reads a TARGET: a URL whose scheme is a probe (`https://host:8443/path`, `dns://10.0.0.5/corp.example`), or
 * `host:port`, which means the port's usual service. IPv6 addresses stand in brackets.
 *
 * @returns the target, or what is wrong and what is right in one line, which repeats no password
 */
export function parseTarget(text: string): { readonly ok: Target } | { readonly error: string } {
  if (text.includes('@')) {
    return { error: 'TARGET: an @ stands in it, leave user names and passwords out, and write %40 in a path' }
  }
  const wrong = (what: string, right: string) => ({ error: `TARGET ${quoted(text)}: ${what}, ${right}` })
  if (text.length > longest) return wrong(`more than ${longest} characters`, 'write scheme://host:port/path')
  if (text === '' || /[\s\p{C}]/u.test(text)) {
    return wrong('empty, or with white space in it', 'write scheme://host:port/path or host:port')
  }
  const url = /^([^:/?#[\]]*):\/\/([^/?#]*)([^#]*)(#.*)?$/.exec(text)
  if (url === null) {
    const where = hostAndPort(text)
    if ('what' in where) return wrong(where.what, where.right)
    const { host, port } = where
    if (port === undefined) {
      const shown = bracketed(host)
      return wrong('neither a port nor a scheme', `say what to try, such as ${shown}:443 or https://${shown}`)
    }
    return { ok: targetOf(usualServiceOfPort[port] ?? 'tcp', host, port, undefined) }
  }
  const [, word = '', authority = '', path = '', fragment] = url
  const scheme = schemes.find((each) => each === word.toLowerCase())
  if (scheme === undefined) {
    const [near] = nearest(word, schemes, 1)
    return wrong(
      `unknown scheme ${quoted(word)}`,
      near === undefined ? `known: ${schemes.join(', ')}` : `did you mean ${near}://?`,
    )
  }
  const where = hostAndPort(authority)
  if ('what' in where) return wrong(where.what, where.right)
  const { host, port = usualPortOfScheme[scheme] } = where
  if (port === undefined) return wrong(`${scheme} has no usual port`, `write ${scheme}://${bracketed(host)}:PORT`)
  if (fragment !== undefined) return wrong('a fragment (#) is never sent', 'leave it out')
  if (path === '' || path === '/') return { ok: targetOf(scheme, host, port, undefined) }
  if (!takesPath.has(scheme)) return wrong(`${scheme} takes no path`, `write ${scheme}://${bracketed(host)}:${port}`)
  if (scheme !== 'dns') return { ok: targetOf(scheme, host, port, asciiPath(path)) }
  const zone = path.slice(1)
  return path.startsWith('/') && isHostName(zone)
    ? { ok: targetOf(scheme, host, port, zone.toLowerCase()) }
    : wrong(`${quoted(zone)} is no DNS zone`, `write one such as dns://${bracketed(host)}/corp.example`)
}

function targetOf(scheme: Scheme, host: string, port: number, path: string | undefined): Target {
  return { scheme, host, port, ...(path !== undefined && { path }), transport: overUdp.has(scheme) ? 'udp' : 'tcp' }
}

/** The path as it is sent: what is not ASCII becomes `%XX` of its UTF-8 octets (RFC 3986 §2.5). */
function asciiPath(path: string): string {
  const slashed = path.startsWith('/') ? path : `/${path}`
  return slashed.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent)
}

function hostAndPort(
  text: string,
): { readonly host: string; readonly port?: number } | { readonly what: string; readonly right: string } {
  const address = canonicalAddress(text)
  if (address?.includes(':')) {
    return { what: 'an IPv6 address without brackets', right: `write [${address}]:PORT` }
  }
  const port = /:(\d+)$/.exec(text)?.[1]
  if (port !== undefined && !isPort(Number(port))) {
    return { what: `port ${port.slice(0, 12)} is out of range`, right: 'a port is a whole number from 1 to 65535' }
  }
  if (/^\[[^\]]*%/.test(text)) {
    return { what: 'an IPv6 address with a zone', right: 'leave the zone out: it means something on one machine only' }
  }
  const parsed = parseHostPort(text)
  if (parsed === undefined) {
    return { what: 'no host, or no port behind it', right: 'write host, host:port or [2001:db8::5]:443' }
  }
  const { host } = parsed
  if (canonicalAddress(host) !== undefined) return parsed
  const name = asciiName(host)
  if (!isName(name)) {
    return { what: `${quoted(host)} is neither a name nor an address`, right: 'write dc01.corp.example or 10.1.0.5' }
  }
  return { ...parsed, host: name }
}
