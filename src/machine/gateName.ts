import type { Site } from '../model/site.ts'
import type { Look } from './look.ts'
import { limits, ok } from './look.ts'

/**
 * Whether something else of the site is served under the host name of the gate. Cookies do not tell ports apart (RFC 6265
 * §8.5): whoever has another port of that name is sent the cookie of each session.
 */
export const gateName: Look = {
  id: 'gate-name',
  group: 'gate',
  title: 'name of the gate',
  async look(_means, { site }) {
    const origin = site?.gate?.origin
    if (site === undefined || origin === undefined) return ok('the site file has no gate')
    const { hostname, port } = new URL(origin)
    const others = servedUnder(hostname, Number(port || 443), site)
    const figures = { host: hostname, others }
    return others.length === 0
      ? ok(
          `the site file has nothing else under ${hostname}; cookies do not tell ports apart, so let nothing else be`,
          { figures },
        )
      : limits(
          `${others.join(' and ')} ${others.length === 1 ? 'is' : 'are'} under the host name of the gate, and get its cookies`,
          'give the gate a host name of its own: cookies do not tell ports apart',
          { figures },
        )
  },
}

/** Places under a name at other ports than the gate's own, as `name:port`. */
function servedUnder(host: string, port: number, { apps = {}, flows, hosts }: Site): readonly string[] {
  const urls = Object.values(apps).map(({ url }) => new URL(url))
  const ofApps = urls.filter(({ hostname }) => hostname === host).map((url) => Number(url.port || 443))
  const named = Object.entries(hosts).filter(([key, { name = key }]) => name.toLowerCase() === host)
  const ofFlows = flows.filter(
    ({ to, service }) => named.some(([key]) => key === to) && /^(https?|wss?)$/.test(service ?? ''),
  )
  const ports = new Set([...ofApps, ...ofFlows.flatMap(({ ports }) => ports)])
  return [...ports].filter((one) => one !== port).map((one) => `${host}:${one}`)
}
