import type { Bypass, ProxySetting } from './proxySetting.ts'
import { credentialsIn, domainOrPrefix, proxyPlaceOf } from './proxySetting.ts'

/** Names by which programs look for the proxy of each kind of request, the first that is set first. */
const variables = {
  https: ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
  http: ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
  bypass: ['no_proxy', 'NO_PROXY'],
} as const

type Environment = Readonly<Record<string, string | undefined>>

function firstSet(environment: Environment, names: readonly string[]): string | undefined {
  return names.find((name) => environment[name])
}

/** Who asks of the proxy that an environment names for a kind of request; apart from the setting, which is shown. */
export function environmentCredentials(
  environment: Environment,
  scheme: 'http' | 'https',
): ReturnType<typeof credentialsIn> {
  const name = firstSet(environment, variables[scheme])
  return name === undefined ? undefined : credentialsIn(environment[name] ?? '')
}

/**
 * Reads the proxy variables of an environment, which curl, Go, Python, Node and .NET on Linux follow. Lower case wins, as
 * it does with curl; an empty variable is one that is not set.
 *
 * @returns undefined when none is set
 */
export function environmentProxy(environment: Environment): ProxySetting | undefined {
  const used: string[] = []
  const unread: string[] = []
  let holdsCredentials = false
  const first = (names: readonly string[]): string | undefined => firstSet(environment, names)
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
