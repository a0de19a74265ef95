import type { AskedFlow, Passage } from '../firewall/judged.ts'
import type { PermitEnd } from '../firewall/permit.ts'
import type { VendorRow } from '../firewall/reader.ts'
import { isLoopback, parseAddress } from '../model/cidr.ts'
import type { Flow } from '../model/flow.ts'
import type { Site } from '../model/site.ts'
import { askedOf, conversationOf, noFamily, shareFamily } from './askedOf.ts'
import { isOutside, isWithin, pathOf } from './pathOf.ts'
import type { PublishedKnowledge } from './publishedKnowledge.ts'
import type { ReadDevice } from './readDevices.ts'
import { proxyPlaceOf } from './wayOf.ts'

/** What a flow asks of a firewall: who has to be let through to whom, and how it meets the firewall. */
export interface Opening {
  readonly flow: Flow
  readonly passage: Passage
  readonly from: PermitEnd
  readonly to: PermitEnd
  readonly asked: Pick<AskedFlow, 'transport' | 'ports' | 'request'>
}

/** The firewall that rules are written for. */
export interface Stand {
  readonly stands: VendorRow['stands']
  /** Its name in the site file; absent: it is taken to stand before every host of the site. */
  readonly device?: string
  /** What the devices of the site file are, for those that stand beside it on a path. */
  readonly standsOf: (device: string) => VendorRow['stands']
}

interface Ground {
  readonly site: Site
  readonly knowledge: PublishedKnowledge
}

type Refusal = { readonly why: string; readonly add: string }

/** What a flow asks of the firewall; nothing where it does not cross it, a reason where that cannot be said. */
export function openingsOf(planned: Flow, stand: Stand, ground: Ground): readonly Opening[] | Refusal {
  const flow = withoutLaboratory(planned, ground.site)
  if (flow.direction === 'local' || flow.from === flow.to) return []
  const { device } = stand
  if (device === undefined) return openingsBefore(flow, stand, ground)
  const isOnPath = ground.site.paths.some(({ through }) => through.includes(device))
  return isOnPath ? openingsAt(flow, device, stand, ground) : openingsBefore(flow, stand, ground)
}

/**
 * The flow as a rule has it: at its planned port, and without the address on the own machine that a laboratory serves an
 * outside name at.
 */
function withoutLaboratory(flow: Flow, site: Site): Flow {
  const { address, plannedPort, ...target } = flow.target
  const port = plannedPort === undefined ? {} : { port: plannedPort }
  const parsed = address === undefined ? undefined : parseAddress(address)
  const isPlayed = parsed !== undefined && isLoopback(parsed) && isOutside(site, { name: flow.to, role: flow.toRole })
  return { ...flow, target: { ...target, ...port, ...(address !== undefined && !isPlayed && { address }) } }
}

/** Those of a device that paths of the site file lead through. */
function openingsAt(flow: Flow, device: string, stand: Stand, ground: Ground): readonly Opening[] | Refusal {
  if (!crosses(flow, device, ground)) return []
  const devices = new Map(
    Object.entries(ground.site.devices).map(([name, { vendor, files, protects }]): [string, ReadDevice] => [
      name,
      {
        name,
        vendor,
        files,
        stands: name === device ? stand.stands : stand.standsOf(name),
        ruleSets: [],
        coverage: { statements: 0, understood: 0, unread: [] },
        ...(protects !== undefined && { protects }),
      },
    ]),
  )
  const found = askedOf(flow, { ...ground, devices })
  if ('why' in found) return found
  if (found.anySource === true && flow.expect === 'open') return fromAnywhere(flow)
  const proxyAt = found.devices.findIndex(({ proxy }) => proxy !== undefined)
  const proxy = found.devices[proxyAt]?.proxy
  return found.devices.flatMap(({ label, passage }, at): readonly Opening[] => {
    if (label !== device) return []
    const whole = wholeOf(flow, found.asked, passage, ground)
    if (proxy === undefined || at === proxyAt) return [whole]
    const middle: PermitEnd = { label: flow.via ?? label, ranges: proxy.connectsFrom ?? proxy.listens }
    if (at > proxyAt) return [{ ...whole, from: middle }]
    return [toProxy(whole, { ...middle, ranges: proxy.listens }, proxy.ports)]
  })
}

/** A rule for the whole internet is none that a plan may ask for. */
function fromAnywhere({ from }: Flow): Refusal {
  return {
    why: `no list says from which addresses ${from} opens it`,
    add: 'the list of service tags of your cloud, with --tags FILE',
  }
}

/** Whether a path of either leg of a flow leads through the device. */
function crosses(flow: Flow, device: string, { site, knowledge }: Ground): boolean {
  const from = { name: flow.from, role: flow.fromRole }
  const to = { name: flow.to, role: flow.toRole }
  const proxy = flow.via === undefined ? undefined : site.proxies[flow.via]
  const end = proxy === undefined ? undefined : proxyPlaceOf(proxy.url, { site, knowledge }).end
  const legs =
    end === undefined
      ? [[from, to] as const]
      : ([
          [from, to],
          [from, end],
          [end, to],
        ] as const)
  return legs.some(([near, far]) => pathOf(site, near, far)?.includes(device) === true)
}

/** Those of a firewall of which no path is known: a router stands between all ends, a host firewall before its host. */
function openingsBefore(flow: Flow, stand: Stand, ground: Ground): readonly Opening[] | Refusal {
  const { site } = ground
  const passages = passagesBefore(flow, stand, site)
  if (passages.length === 0) return []
  const found = conversationOf(flow, ground)
  if ('why' in found) return found
  const { asked, isGuess } = found
  if (isGuess && flow.expect === 'open') return fromAnywhere(flow)
  if (asked.destination !== undefined && !shareFamily(asked.source, asked.destination)) return noFamily(flow)
  const proxy = flow.via === undefined ? undefined : site.proxies[flow.via]
  const whole = passages.map((passage) => wholeOf(flow, asked, passage, ground))
  if (proxy === undefined || flow.via === undefined || stand.stands === 'proxy') return whole
  const place = proxyPlaceOf(proxy.url, ground)
  if (place.addresses.length === 0) {
    return {
      why: `the address of the proxy ${flow.via} (${place.host}) is not known`,
      add: `a host of that name with its address under hosts:, or --names FILE with its name in it`,
    }
  }
  const middle: PermitEnd = { label: flow.via, ranges: place.addresses }
  return whole.flatMap((one) => {
    const first = toProxy(one, middle, [{ first: place.port, last: place.port }])
    // Behind a proxy on the internet nothing of the site's own is passed.
    return one.passage !== 'forward' || place.isPublic ? [first] : [first, { ...one, from: middle }]
  })
}

function passagesBefore(flow: Flow, { stands, device }: Stand, site: Site): readonly Passage[] {
  const guards = device === undefined ? undefined : site.devices[device]?.protects
  if (guards !== undefined) {
    const isGuarded = (end: string): boolean => guards.some((name) => name === end || isWithin(site, end, name))
    return [...(isGuarded(flow.from) ? (['output'] as const) : []), ...(isGuarded(flow.to) ? (['input'] as const) : [])]
  }
  const isOwn = Object.hasOwn(site.hosts, flow.from) || Object.hasOwn(site.networks, flow.from)
  if (stands === 'host') return isOwn ? ['output'] : []
  // A site without a proxy may get one for what goes outside.
  const isForProxy =
    flow.via !== undefined || (Object.keys(site.proxies).length === 0 && isOwn && isToOutside(flow, site))
  return stands !== 'proxy' || isForProxy ? ['forward'] : []
}

function isToOutside({ to, toRole, target }: Flow, site: Site): boolean {
  return target.transport === 'tcp' && isOutside(site, { name: to, role: toRole })
}

function wholeOf(flow: Flow, asked: AskedFlow, passage: Passage, { site, knowledge }: Ground): Opening {
  const isOwn = !isOutside(site, { name: flow.to, role: flow.toRole }) || flow.target.address !== undefined
  const known = asked.name === undefined || isOwn ? undefined : knowledge.endOf(asked.name)
  const tagged =
    asked.name === undefined && flow.toRole === 'azure-datacenter-ips' ? knowledge.tagEnd('AzureCloud') : {}
  const { tag, asOf, source }: Partial<PermitEnd> = known ?? tagged
  return {
    flow,
    passage,
    from: sourceEnd(flow, asked, site, knowledge),
    to: {
      label: isOutside(site, { name: flow.to, role: flow.toRole }) ? (asked.name ?? flow.to) : flow.to,
      ranges: asked.destination ?? [],
      ...(asked.name !== undefined && { name: asked.name }),
      ...(tag !== undefined && { tag }),
      ...(asOf !== undefined && { asOf }),
      ...(source !== undefined && { source }),
    },
    asked,
  }
}

function sourceEnd(flow: Flow, { source }: AskedFlow, site: Site, knowledge: PublishedKnowledge): PermitEnd {
  const isService = isOutside(site, { name: flow.from, role: flow.fromRole }) && flow.fromRole !== 'internet'
  if (!isService || flow.fromAddresses.length > 0) return { label: flow.from, ranges: source }
  return { label: flow.from, ...knowledge.tagEnd('AzureActiveDirectory'), ranges: source }
}

/** A client asks its proxy by name, and what it asks for does not show in the addresses. */
function toProxy({ flow, passage, from }: Opening, to: PermitEnd, ports: AskedFlow['ports']): Opening {
  return { flow, passage, from, to, asked: { transport: 'tcp', ports, request: 'connect' } }
}
