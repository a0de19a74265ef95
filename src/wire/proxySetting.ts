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
  const [, word, rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(text.trim()) ?? []
  const scheme = schemeOf(word?.toLowerCase())
  if (scheme === undefined) return undefined
  const at = rest.lastIndexOf('@')
  const authority = rest.slice(at + 1).replace(/[/?#].*$/s, '')
  const parsed = parseHostPort(authority)
  if (parsed === undefined || parsed.host === '' || /[\s"'<>;,=]/.test(parsed.host)) return undefined
  const port = parsed.port ?? usualPort ?? usualPorts[scheme]
  return { place: { scheme, host: parsed.host.toLowerCase(), port }, holdsCredentials: at >= 0 }
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
