import type { Bypass, ProxySetting } from './proxySetting.ts'
import { domainOrPrefix, proxyPlaceOf } from './proxySetting.ts'

/** Names by which programs look for the proxy of each kind of request, the first that is set first. */
const variables = {
  https: ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
  http: ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
  bypass: ['no_proxy', 'NO_PROXY'],
} as const

/**
 * Reads the proxy variables of an environment, which curl, Go, Python, Node and .NET on Linux follow. Lower case wins, as
 * it does with curl; an empty variable is one that is not set.
 *
 * @returns undefined when none is set
 */
export function environmentProxy(environment: Readonly<Record<string, string | undefined>>): ProxySetting | undefined {
  const used: string[] = []
  const unread: string[] = []
  let holdsCredentials = false
  const first = (names: readonly string[]): string | undefined => names.find((name) => environment[name])
  const proxyOf = (names: readonly string[]) => {
    const name = first(names)
    if (name === undefined) return undefined
    const read = proxyPlaceOf(environment[name] ?? '', 80)
    if (!used.includes(name)) used.push(name)
    // The value is not repeated: what cannot be read may hold a password in a place where none is looked for.
    if (read === undefined) unread.push(`${name} names no proxy`)
    holdsCredentials ||= read?.holdsCredentials === true
    return read?.place
  }
  const https = proxyOf(variables.https)
  const http = proxyOf(variables.http)
  const bypassName = first(variables.bypass)
  if (bypassName !== undefined) used.push(bypassName)
  if (used.length === 0) return undefined
  return {
    from: used.join(', '),
    proxies: { ...(http && { http }), ...(https && { https }) },
    bypass: bypassOf(environment[bypassName ?? ''] ?? ''),
    detects: false,
    holdsCredentials,
    unread,
  }
}

function bypassOf(text: string): readonly Bypass[] {
  return text
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map((entry) => (entry === '*' ? { kind: 'all' } : domainOrPrefix(entry)))
}
