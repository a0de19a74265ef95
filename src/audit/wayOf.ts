import type { AddressRange } from '../firewall/addresses.ts'
import type { PathDevice } from '../firewall/judged.ts'
import { rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import { canonicalAddress, isPublic, parseAddress } from '../model/cidr.ts'
import type { Flow } from '../model/flow.ts'
import { unbracketed } from '../model/hostPort.ts'
import type { Site } from '../model/site.ts'
import type { Ground } from './askedOf.ts'
import { passagesOf } from './passagesOf.ts'
import type { PathEnd } from './pathOf.ts'
import { isOutside, pathOf } from './pathOf.ts'
import type { ReadDevice } from './readDevices.ts'

export type Way = { readonly devices: readonly PathDevice[] } | { readonly why: string; readonly add: string }

/** The devices that a flow meets, in their order, with how it meets each: those of the site's paths that were read. */
export function wayOf(flow: Flow, from: PathEnd, to: PathEnd, ground: Ground): Way {
  const { site } = ground
  const proxy = flow.via === undefined ? undefined : site.proxies[flow.via]
  if (proxy === undefined || flow.via === undefined) return between(from, to, ground)
  return throughProxy(flow.via, proxy.url, from, to, ground)
}

function between(from: PathEnd, to: PathEnd, ground: Ground): Way {
  const through = readOn(pathOf(ground.site, from, to), ground)
  if (through.length === 0) return noDevice(from, to, ground.site)
  return devicesOn(through, from, to, ground)
}

function noDevice(from: PathEnd, to: PathEnd, site: Site): { why: string; add: string } {
  const word = ({ name }: PathEnd, end: PathEnd): string => (isOutside(site, end) ? 'internet' : name)
  return {
    why: `no device known between ${word(from, from)} and ${word(to, to)}`,
    add: `a path to the site file: { from: ${word(from, from)}, to: ${word(to, to)}, through: [DEVICE] }`,
  }
}

/** The devices of a path that were read. A proxy script is none that packets meet: it chooses among the others. */
export function readOn(names: readonly string[] | undefined, { devices }: Ground): readonly ReadDevice[] {
  return (names ?? []).flatMap((name) => devices.get(name) ?? []).filter(({ vendor }) => vendor !== 'pac')
}

export function devicesOn(through: readonly ReadDevice[], from: PathEnd, to: PathEnd, { site }: Ground): Way {
  const met = passagesOf(through, { site, from, to })
  if ('why' in met) return met
  return { devices: met.ok.map(({ device, passage }) => pathDevice(device, passage)) }
}

export function pathDevice({ name, ruleSets }: ReadDevice, passage: PathDevice['passage']): PathDevice {
  return { label: name, ruleSets, passage }
}

/**
 * A flow that a proxy opens for the one who asks. On which side of the proxy a device stands decides what it sees: a
 * squid or the proxy's machine on a path tells it, and a proxy on the internet lies behind all of them.
 */
export function throughProxy(via: string, url: string, from: PathEnd, to: PathEnd, ground: Ground): Way {
  const place = proxyPlaceOf(url, ground)
  if (place.addresses.length === 0) {
    return {
      why: `the address of the proxy ${via} (${place.host}) is not known`,
      add: `a host of that name with its address under hosts:, or --names FILE with its name in it`,
    }
  }
  const listens = { listens: place.addresses, ports: [{ first: place.port, last: place.port }] }
  const whole = readOn(pathOf(ground.site, from, to), ground)
  const asked = whole.findIndex(({ stands }) => stands === 'proxy')
  const bare: PathDevice = { label: via, ruleSets: [], passage: 'forward', proxy: listens }
  if (asked !== -1) {
    const it = whole[asked]
    const middle = it === undefined ? bare : { ...pathDevice(it, 'forward'), proxy: listens }
    const end = place.end ?? { name: via, role: 'outbound-proxy' }
    return joined([
      devicesOn(whole.slice(0, asked), from, end, ground),
      { devices: [middle] },
      devicesOn(whole.slice(asked + 1), end, to, ground),
    ])
  }
  if (place.end !== undefined) {
    const first = readOn(pathOf(ground.site, from, place.end), ground)
    const last = readOn(pathOf(ground.site, place.end, to), ground)
    if (first.length + last.length > 0) {
      return joined([
        devicesOn(first, from, place.end, ground),
        { devices: [bare] },
        devicesOn(last, place.end, to, ground),
      ])
    }
  }
  if (whole.length === 0) return noDevice(from, to, ground.site)
  if (place.isPublic) return joined([devicesOn(whole, from, to, ground), { devices: [bare] }])
  const names = whole.map(({ name }) => name).join(', ')
  return {
    why: `${from.name} reaches the internet by the proxy ${via}, and no path says on which side of it ${names} stands`,
    add: `paths: from ${from.name} to the machine of ${via} and from that to internet; or its squid as a device of the path`,
  }
}

function joined(ways: readonly Way[]): Way {
  const devices: PathDevice[] = []
  for (const way of ways) {
    if ('why' in way) return way
    devices.push(...way.devices)
  }
  return { devices }
}

/** Where the proxy of a site is. */
export interface ProxyPlace {
  readonly host: string
  readonly port: number
  readonly addresses: readonly AddressRange[]
  readonly isPublic: boolean
  /** The machine of the site that it runs on, where the site file has it. */
  readonly end?: PathEnd
}

/** The place of a proxy by its URL: its address, its port, its machine. */
export function proxyPlaceOf(url: string, { site, knowledge }: Pick<Ground, 'site' | 'knowledge'>): ProxyPlace {
  const { hostname, port, protocol } = new URL(url)
  const host = unbracketed(hostname)
  const address = canonicalAddress(host)
  const found = Object.entries(site.hosts).find(
    ([key, { name, addresses }]) =>
      (name ?? key).toLowerCase() === host || key === host || (address !== undefined && addresses.includes(address)),
  )
  const literal = address === undefined ? [] : rangesOfPrefix(address)
  const own = (found?.[1].addresses ?? []).flatMap(rangesOfPrefix)
  const addresses = literal.length > 0 ? literal : own.length > 0 ? own : (knowledge.name(host)?.addresses ?? [])
  const parsed = address === undefined ? undefined : parseAddress(address)
  return {
    host,
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    addresses,
    isPublic:
      found === undefined &&
      (parsed === undefined
        ? addresses.length > 0 && addresses.every(({ family, first }) => isPublic({ family, value: first }))
        : isPublic(parsed)),
    ...(found !== undefined && { end: { name: found[0], role: found[1].roles[0] ?? 'outbound-proxy' } }),
  }
}
