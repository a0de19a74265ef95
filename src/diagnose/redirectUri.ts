import { canonicalAddress } from '../model/cidr.ts'
import { unbracketed } from '../model/hostPort.ts'

/** The parts of a redirect URI as they are compared: scheme and host without regard to case, the path letter by letter. */
interface UriParts {
  readonly scheme: string
  readonly host: string
  /** The default one of the scheme where none is written. */
  readonly port: number
  /** `/` where none is written: both are one address (RFC 3986 §6.2.3). */
  readonly path: string
}

/** What differs between two redirect URIs; of a path also in what way. */
export type Difference = 'scheme' | 'host' | 'port' | 'path' | 'letter case of the path' | 'slash at the end'

const defaultPorts: Readonly<Record<string, number>> = Object.freeze({ https: 443, http: 80 })

/** The parts of an absolute URI of the web, written as it came: nothing is resolved or decoded. Total. */
export function uriParts(uri: string): UriParts | undefined {
  const [, scheme = '', authority = '', path = ''] = /^(https?):\/\/([^/?#]*)([^?#]*)/i.exec(uri) ?? []
  const place = /^(?:[^@]*@)?(\[[0-9a-f:.]*\]|[^:[\]]+)(?::(\d{0,5}))?$/i.exec(authority)
  if (place === null) return undefined
  const known = scheme.toLowerCase()
  const host = unbracketed(place[1] ?? '').toLowerCase()
  return {
    scheme: known,
    host: canonicalAddress(host) ?? host,
    port: Number(place[2] || defaultPorts[known]),
    path: path === '' ? '/' : path,
  }
}

/** `localhost`, and addresses of the machine itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** A name or address that means something inside one network only. */
export function isInternal(host: string): boolean {
  const address = canonicalAddress(host)
  if (address !== undefined) return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd]|fe80)/.test(address)
  return !host.includes('.') || /\.(local|internal|lan|localdomain|home\.arpa)$/.test(host)
}

/**
 * What differs between what an app sends and what is registered, as Entra ID compares them: everything counts, but for the
 * port of localhost.
 */
export function differences(sent: UriParts, registered: UriParts): readonly Difference[] {
  const found: Difference[] = [...originDifferences(sent, registered)]
  if (sent.path === registered.path) return found
  const isSlash = sent.path.replace(/\/$/, '') === registered.path.replace(/\/$/, '')
  const isCase = sent.path.toLowerCase() === registered.path.toLowerCase()
  return [...found, isSlash ? 'slash at the end' : isCase ? 'letter case of the path' : 'path']
}

/** The same without the path. A port that is the default one of either scheme differs because the scheme does. */
export function originDifferences(sent: UriParts, right: UriParts): readonly Difference[] {
  const isDefault = (parts: UriParts): boolean => parts.port === defaultPorts[parts.scheme]
  const isByScheme = sent.scheme !== right.scheme && isDefault(sent) && isDefault(right)
  const portCounts = !isByScheme && !(sent.host === right.host && isLoopback(right.host))
  return [
    ...(sent.scheme === right.scheme ? [] : (['scheme'] as const)),
    ...(sent.host === right.host ? [] : (['host'] as const)),
    ...(portCounts && sent.port !== right.port ? (['port'] as const) : []),
  ]
}
