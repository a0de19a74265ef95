import { isHostName } from '../../catalog/index.ts'
import { readHostName, readLabel, readProxyUrl, readResolver } from '../../config/siteTexts.ts'
import type { Means } from '../../machine/index.ts'
import { ownDomain, ownSettings } from '../../machine/index.ts'
import { isLoopback, parseAddress, parseHostPort } from '../../model/cidr.ts'
import { hostPort } from '../../model/hostPort.ts'
import type { SiteRole } from '../../model/role.ts'
import type { Limits } from '../../net/net.ts'
import { shownUrl } from '../../net/proxySettings.ts'
import type { ProxyPlace } from '../../wire/proxySetting.ts'

/** A host as the site file has it. */
export interface HostAnswer {
  /** Its key under `hosts:`. */
  readonly key: string
  readonly name?: string
  readonly addresses: readonly string[]
  readonly roles: readonly SiteRole[]
}

export interface ProxyAnswer {
  readonly url: string
  /** Where it was found; absent: it was typed. */
  readonly from?: string
  /** A user name or password stands in the setting: it is not copied. */
  readonly asksWho: boolean
}

/** What this machine knows of the site that it stands in; nothing in it is a secret. */
export interface MachineFacts {
  readonly self: HostAnswer
  readonly domain?: { readonly name: string; readonly from: string }
  /** Found in DNS by the domain's SRV records: only an AD domain has them. */
  readonly controllers: readonly HostAnswer[]
  readonly resolvers: readonly string[]
  readonly proxy?: ProxyAnswer
  /** What was found and cannot stand in a site file, in words. */
  readonly remarks: readonly string[]
}

/** More domain controllers than these are better written by hand. */
const mostControllers = 8

/** Looks at this machine for what a site file says of it. */
export async function machineFacts(means: Means, limits: Limits): Promise<MachineFacts> {
  const resolvers = await nameServersOf(means)
  const domain = await ownDomain(means, limits)
  const [{ proxy, remarks }, found] = await Promise.all([
    proxyOf(means, limits),
    domain === undefined ? [] : controllersOf(domain.domain, resolvers, means, limits),
  ])
  const self = selfOf(means)
  const isSelf = ({ name, addresses }: HostAnswer): boolean =>
    name === self.name || addresses.some((address) => self.addresses.includes(address))
  const served = new Set(resolvers.map((text) => parseHostPort(text)?.host))
  const controllers = found
    .filter((host) => !isSelf(host))
    .map(
      (host): HostAnswer =>
        host.addresses.some((address) => served.has(address))
          ? { ...host, roles: [...host.roles, 'dns-server'] }
          : host,
    )
  return {
    self: found.some(isSelf) ? { ...self, roles: ['domain-controller'] } : self,
    ...(domain !== undefined && { domain: { name: domain.domain, from: domain.from } }),
    controllers: apart(controllers, self.key),
    resolvers,
    ...(proxy !== undefined && { proxy }),
    remarks,
  }
}

function selfOf({ hostName, addresses }: Means): HostAnswer {
  const read = readLabel(hostName.split('.')[0] ?? '')
  const name = hostName.includes('.') ? readHostName(hostName) : undefined
  const own = addresses.map(({ address }) => address).filter(isDialled)
  return {
    key: 'ok' in read ? read.ok.toLowerCase() : 'this-machine',
    ...(name !== undefined && 'ok' in name && { name: name.ok }),
    addresses: [...new Set(own)],
    roles: [],
  }
}

/** Neither loopback nor link-local: an address that others dial. */
function isDialled(address: string): boolean {
  const parsed = parseAddress(address)
  return parsed !== undefined && !isLoopback(parsed) && !/^(fe80:|169\.254\.)/.test(address)
}

/** A stub on loopback hides the servers behind it, which systemd writes down elsewhere. */
async function nameServersOf({ nameServers, readText }: Means): Promise<readonly string[]> {
  const readable = (texts: readonly string[]): readonly string[] => {
    const read = texts.map(readResolver).flatMap((one) => ('ok' in one ? [one.ok] : []))
    return [...new Set(read)].filter((text) => isDialled(parseHostPort(text)?.host ?? ''))
  }
  const own = readable(nameServers)
  if (own.length > 0) return own
  const behind = (await readText('/run/systemd/resolve/resolv.conf')) ?? ''
  return readable([...behind.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map(([, address = '']) => address))
}

async function controllersOf(
  domain: string,
  resolvers: readonly string[],
  { net }: Means,
  limits: Limits,
): Promise<readonly HostAnswer[]> {
  const [server] = resolvers
  const at = server === undefined ? undefined : parseHostPort(server)
  if (at === undefined) return []
  const resolver = { address: at.host, port: at.port ?? 53 }
  const name = `_ldap._tcp.dc._msdcs.${domain}`
  const seen = await net.lookup({ name, type: 'SRV', resolver, resolverRole: 'internal', transport: 'udp' }, limits)
  const targets = seen.answers.map((answer) => answer.split(' ')[3]?.toLowerCase().replace(/\.$/, '') ?? '')
  const names = [...new Set(targets)].filter((target) => isHostName(target) && target.includes('.'))
  return Promise.all(
    names.slice(0, mostControllers).map(async (target): Promise<HostAnswer> => {
      const question = { name: target, type: 'A', resolver, resolverRole: 'internal', transport: 'udp' } as const
      const { answers } = await net.lookup(question, limits)
      const read = readLabel(target.split('.')[0] ?? '')
      return {
        key: 'ok' in read ? read.ok : target,
        name: target,
        addresses: [...new Set(answers)].filter(isDialled),
        roles: ['domain-controller'],
      }
    }),
  )
}

/** Two hosts of one short name, in two domains, are called by their whole names. */
function apart(hosts: readonly HostAnswer[], taken: string): readonly HostAnswer[] {
  const counted = Map.groupBy(hosts, ({ key }) => key)
  return hosts.map((host) =>
    host.key === taken || (counted.get(host.key)?.length ?? 0) > 1 ? { ...host, key: host.name ?? host.key } : host,
  )
}

async function proxyOf(
  means: Means,
  limits: Limits,
): Promise<{ readonly proxy?: ProxyAnswer; readonly remarks: readonly string[] }> {
  const { settings, notes } = await ownSettings(means, limits)
  const remarks = [...notes]
  let proxy: ProxyAnswer | undefined
  for (const { setting } of settings) {
    const { from, script, detects, unread, holdsCredentials } = setting
    const place = setting.proxies.https ?? setting.proxies.http
    if (script !== undefined)
      remarks.push(`${from} names a script (${shownUrl(script)}), postern doctor says which way it sends`)
    else if (detects) remarks.push(`${from} detects the proxy, postern doctor --wpad says what it finds`)
    for (const what of unread) remarks.push(`${from}: ${what}`)
    if (place === undefined) continue
    const url = urlOf(place)
    if (url === undefined) remarks.push(`${from} names a proxy that is none for HTTP`)
    else if (proxy === undefined) proxy = { url, from, asksWho: holdsCredentials }
    else if (proxy.url !== url) remarks.push(`${from} names another proxy: ${url}`)
  }
  return { ...(proxy !== undefined && { proxy }), remarks }
}

function urlOf({ scheme, host, port }: ProxyPlace): string | undefined {
  const read = readProxyUrl(`${scheme}://${hostPort(host, port)}`)
  return 'ok' in read ? read.ok : undefined
}
