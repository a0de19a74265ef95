import type { ProxyPlace } from '../check/otherProxies.ts'
import type { ConfigError, LoadedSite } from '../config/index.ts'
import { formatConfigErrors } from '../config/index.ts'
import { readSecret } from '../config/readSecret.ts'
import type { Flow } from '../model/flow.ts'
import type { ProxyCredentials } from '../net/proxy.ts'
import { environmentCredentials, environmentProxy } from '../wire/environmentProxy.ts'
import { proxyPlaceOf } from '../wire/proxySetting.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/** The proxies that a check may use, by name, and who asks of each. */
export interface Proxies {
  readonly places: Readonly<Record<string, ProxyPlace>>
  readonly credentials: Readonly<Record<string, ProxyCredentials>>
}

/**
 * The proxies of the site, with the credentials that flows of this machine need, and those that the environment names,
 * with what stands there before the `@`: what fails straight out is compared with the way through them.
 *
 * @param flows those that are checked
 * @throws UsageError when a secret that a flow needs is not there
 */
export async function proxiesOf(
  loaded: LoadedSite | undefined,
  flows: readonly Flow[],
  shell: Shell,
): Promise<Proxies> {
  const places: Record<string, ProxyPlace> = {}
  const credentials: Record<string, ProxyCredentials> = {}
  const used = new Set(flows.flatMap(({ via }) => via ?? []))
  const missing: ConfigError[] = []
  for (const [name, { url, credentials: reference }] of Object.entries(loaded?.site.proxies ?? {})) {
    const { place } = proxyPlaceOf(url) ?? {}
    if (place?.scheme !== 'http') continue
    places[name] = { host: place.host, port: place.port }
    if (reference === undefined || loaded === undefined) continue
    const secret = await readSecret(reference, shell.env, loaded.folder)
    if ('ok' in secret) credentials[name] = credentialsOf(secret.ok)
    else if (used.has(name)) missing.push(loaded.errorAt(['proxies', name, 'credentials'], secret))
  }
  if (missing.length > 0) throw new UsageError(...formatConfigErrors(missing))
  const setting = environmentProxy(shell.env)
  for (const [scheme, name] of environmentNames) {
    const place = setting?.proxies[scheme]
    const isKnown = Object.values(places).some(({ host, port }) => host === place?.host && port === place.port)
    if (setting === undefined || place?.scheme !== 'http' || isKnown) continue
    places[name] = { host: place.host, port: place.port, setting }
    const secret = environmentCredentials(shell.env, scheme)
    if (secret !== undefined) credentials[name] = secret
  }
  return { places, credentials }
}

/**
 * How the proxies of the environment are called, which have no name in the site, and none that a thing of the site can
 * have: it begins with no letter or digit. One that both variables name goes by the first.
 */
const environmentNames = [
  ['https', '$HTTPS_PROXY'],
  ['http', '$HTTP_PROXY'],
] as const

/** A user name has no colon (RFC 7617 §2), a password may. */
function credentialsOf(secret: string): ProxyCredentials {
  const colon = secret.indexOf(':')
  return colon < 0
    ? { user: secret, password: '' }
    : { user: secret.slice(0, colon), password: secret.slice(colon + 1) }
}

/** What goes through a proxy that only TLS reaches is not asked about yet, and says so. */
export function withoutUnspoken(flow: Flow, places: Proxies['places']): Flow {
  if (flow.via === undefined || flow.target.undialled !== undefined || places[flow.via] !== undefined) return flow
  const undialled = `no probe yet: the proxy ${flow.via} is spoken to under TLS`
  return { ...flow, target: { ...flow.target, undialled } }
}
