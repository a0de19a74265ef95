import type { Site } from '../model/site.ts'

/** What this machine is known by. */
export interface Machine {
  /** Canonical RFC 5952 texts of its interfaces. */
  readonly addresses: readonly string[]
  /** Host names, short and full, in any case. */
  readonly names: readonly string[]
}

export type Vantage =
  | {
      readonly host: string
      readonly because: string
      /** Hosts of the site that match this machine as well; absent when the choice was the only one. */
      readonly others?: readonly string[]
    }
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
  const having = (address: string, because = `has the address ${address}`): readonly Match[] =>
    hosts.filter((name) => site.hosts[name]?.addresses.includes(address)).map((host) => ({ host, because }))
  const called = (name: string): readonly Match[] =>
    hosts
      .filter((host) => host.toLowerCase() === name || site.hosts[host]?.name?.toLowerCase() === name)
      .map((host) => ({ host, because: `has the name ${name}` }))
  const telling = [
    ...machine.addresses.filter((each) => !loopback(each)).flatMap((address) => having(address)),
    ...machine.names.flatMap((name) => called(name.toLowerCase())),
  ]
  const matches =
    telling.length > 0
      ? telling
      : machine.addresses.filter(loopback).flatMap((address) => having(address, 'has a loopback address'))
  const [first] = matches
  if (first === undefined) return { unknown: 'no host of the site has an address or a name of this machine', hosts }
  const others = [...new Set(matches.map(({ host }) => host))].filter((host) => host !== first.host)
  return { ...first, ...(others.length > 0 && { others }) }
}

interface Match {
  readonly host: string
  readonly because: string
}
