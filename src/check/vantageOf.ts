import type { Site } from '../model/site.ts'

/** What this machine is known by. */
export interface Machine {
  /** Canonical RFC 5952 texts of its interfaces. */
  readonly addresses: readonly string[]
  /** Host names, short and full, in any case. */
  readonly names: readonly string[]
}

export type Vantage =
  | { readonly host: string; readonly because: string }
  | { readonly unknown: string; readonly hosts: readonly string[] }

/**
 * Which host of the site this machine is: the one that was asked for, else the one that has an address of this machine,
 * else the one that has its name. Loopback addresses count last, since every machine has them.
 *
 * @param asked `--from`: any host of the site, or a network (`staff`) that this machine stands in
 */
export function vantageOf(site: Pick<Site, 'hosts' | 'networks'>, machine: Machine, asked?: string): Vantage {
  const hosts = Object.keys(site.hosts)
  if (asked !== undefined) {
    return Object.hasOwn(site.hosts, asked) || Object.hasOwn(site.networks, asked)
      ? { host: asked, because: 'given by --from' }
      : { unknown: `the site has no host or network "${asked}"`, hosts: [...hosts, ...Object.keys(site.networks)] }
  }
  const loopback = (address: string): boolean => address.startsWith('127.') || address === '::1'
  const byAddress = (address: string): string | undefined =>
    hosts.find((name) => site.hosts[name]?.addresses.includes(address))
  for (const address of machine.addresses.filter((each) => !loopback(each))) {
    const host = byAddress(address)
    if (host !== undefined) return { host, because: `has the address ${address}` }
  }
  for (const name of machine.names.map((each) => each.toLowerCase())) {
    const host = hosts.find((each) => each.toLowerCase() === name || site.hosts[each]?.name?.toLowerCase() === name)
    if (host !== undefined) return { host, because: `has the name ${name}` }
  }
  const local = machine.addresses
    .filter(loopback)
    .map(byAddress)
    .find((host) => host !== undefined)
  if (local !== undefined) return { host: local, because: 'has a loopback address' }
  return { unknown: 'no host of the site has an address or a name of this machine', hosts }
}
