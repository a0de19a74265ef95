import { parsePattern } from '../catalog/index.ts'
import type { AddressRange } from '../firewall/addresses.ts'
import { mergedRanges } from '../firewall/addresses.ts'
import type { AskedFlow, Knowledge } from '../firewall/judged.ts'
import { publicRanges, rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import type { NumberRange } from '../firewall/ruleset.ts'
import type { Flow } from '../model/flow.ts'
import type { Site } from '../model/site.ts'
import { everyPort } from '../plan/targetsOf.ts'
import type { ScriptWord } from './askScripts.ts'
import type { PathEnd } from './pathOf.ts'
import { isOutside } from './pathOf.ts'
import type { ReadDevice } from './readDevices.ts'
import type { ScriptQuestion } from './scriptQuestion.ts'
import type { MetDevices } from './wayByScript.ts'
import { wayByScript } from './wayByScript.ts'

/** What the flows of a site are held against. */
export interface Ground {
  readonly site: Site
  /** By the names of the site file. */
  readonly devices: ReadonlyMap<string, ReadDevice>
  readonly knowledge: Knowledge
  /** What the proxy scripts among the devices say; absent where none was asked. */
  readonly scripts?: (question: ScriptQuestion) => ScriptWord | undefined
}

/** A flow as the judge wants it, or why it cannot be asked and what the user would add. */
export type Asked =
  | (MetDevices & {
      readonly asked: AskedFlow
      /** Who opens it is somewhere among the sources, and nobody knows where. */
      readonly anySource?: true
    })
  | { readonly why: string; readonly add: string }

/** Makes a flow of the plan a question to the devices between its ends. */
export function askedOf(flow: Flow, ground: Ground): Asked {
  const conversation = conversationOf(flow, ground)
  if ('why' in conversation) return conversation
  const { asked, isGuess } = conversation
  const from: PathEnd = { name: flow.from, role: flow.fromRole }
  const way = wayByScript(flow, asked, from, { name: flow.to, role: flow.toRole }, ground)
  if ('why' in way) return way
  if (asked.destination !== undefined && !shareFamily(asked.source, asked.destination)) return noFamily(flow)
  return { ...way, asked, ...(isGuess && { anySource: true }) }
}

/** A flow of the plan from end to end, whatever stands between; the same refusals as {@link askedOf}. */
export function conversationOf(
  flow: Flow,
  ground: Pick<Ground, 'site' | 'knowledge'>,
): { readonly asked: AskedFlow; readonly isGuess: boolean } | { readonly why: string; readonly add: string } {
  const { site, knowledge } = ground
  const to: PathEnd = { name: flow.to, role: flow.toRole }
  if (flow.direction === 'local') {
    return { why: 'they stay on one host', add: 'nothing: no device stands between' }
  }
  const ports = portsOf(flow)
  if (ports === undefined) {
    return { why: `their port is not known: ${flow.target.undialled ?? 'the row names none'}`, add: 'the port' }
  }
  const source = sourceOf(flow, ground)
  if ('why' in source) return source
  const target = targetOf(flow, ground)
  if ('why' in target) return target
  const asOf = target.name === undefined ? undefined : knowledge.name(target.name)?.asOf
  return {
    asked: {
      source: source.ranges,
      ...target,
      ...(isOutside(site, to) && target.destination !== undefined && asOf !== undefined && { destinationAsOf: asOf }),
      transport: flow.target.transport,
      ports,
      request: isPlain(flow) ? 'plain' : 'connect',
    },
    isGuess: source.isGuess,
  }
}

/** What is said where the ends of a flow cannot meet. */
export function noFamily({ from, to }: Pick<Flow, 'from' | 'to'>): { readonly why: string; readonly add: string } {
  return {
    why: `${from} and ${to} have no addresses of one family`,
    add: 'addresses of the other family to one of them',
  }
}

/** Whether packets can go from one to the other. */
export function shareFamily(some: readonly AddressRange[], others: readonly AddressRange[]): boolean {
  return some.some(({ family }) => others.some((other) => other.family === family))
}

function isPlain({ target: { service, port } }: Flow): boolean {
  return service === 'http' || service === 'ws' || port === 80
}

function portsOf({ target: { transport, port, range, undialled } }: Flow): readonly NumberRange[] | undefined {
  if (transport === 'icmp') return []
  if (port !== null) return [{ first: port, last: port }]
  if (range !== undefined) return [range]
  return undialled === everyPort ? [{ first: 1, last: 65_535 }] : undefined
}

function sourceOf(
  { from, fromRole, fromAddresses }: Flow,
  { site, knowledge }: Pick<Ground, 'site' | 'knowledge'>,
): { readonly ranges: readonly AddressRange[]; readonly isGuess: boolean } | { why: string; add: string } {
  const own = mergedRanges(fromAddresses.flatMap(rangesOfPrefix))
  if (own.length > 0) return { ranges: own, isGuess: false }
  if (isOutside(site, { name: from, role: fromRole })) {
    if (fromRole === 'internet') return { ranges: publicRanges(), isGuess: false }
    // The tag that Microsoft gives for what its identity services open (row scim-in).
    const tagged = knowledge.tag('AzureActiveDirectory')?.addresses.sure ?? []
    return tagged.length > 0 ? { ranges: tagged, isGuess: false } : { ranges: publicRanges(), isGuess: true }
  }
  if (Object.hasOwn(site.networks, from)) {
    return { why: `${from} has no prefixes in the site file`, add: `prefixes: to ${from} under networks:` }
  }
  if (Object.hasOwn(site.hosts, from)) {
    return { why: `${from} has no address in the site file`, add: `addresses: to ${from} under hosts:` }
  }
  return { why: `no host of the site plays ${from}`, add: `a host with the role ${from}` }
}

/** The required name, and the addresses that stand for it as far as they are known. */
function targetOf(
  flow: Flow,
  { site, knowledge }: Pick<Ground, 'site' | 'knowledge'>,
): Pick<AskedFlow, 'name' | 'destination'> | { why: string; add: string } {
  const { to, toRole, target } = flow
  const name = wantedName(flow)
  const named = name === undefined ? {} : { name }
  // A port that the site does not settle leaves the plan without the host's addresses.
  const addresses = target.address === undefined ? (site.hosts[to]?.addresses ?? []) : [target.address]
  const own = mergedRanges(addresses.flatMap(rangesOfPrefix))
  if (own.length > 0) return { ...named, destination: own }
  const network = mergedRanges((site.networks[to]?.prefixes ?? []).flatMap(rangesOfPrefix))
  if (network.length > 0) return { destination: network }
  if (name !== undefined) {
    const known = knowledge.name(name)?.addresses
    return known === undefined ? named : { ...named, destination: known }
  }
  if (toRole === 'azure-datacenter-ips') {
    const known = knowledge.tag('AzureCloud')?.addresses.sure
    return known === undefined || known.length === 0 ? {} : { destination: known }
  }
  if (isOutside(site, { name: to, role: toRole }) && toRole === 'internet') return { destination: publicRanges() }
  if (Object.hasOwn(site.networks, to)) {
    return { why: `${to} has no prefixes in the site file`, add: `prefixes: to ${to} under networks:` }
  }
  if (Object.hasOwn(site.hosts, to)) {
    return { why: `${to} has no address in the site file`, add: `addresses: to ${to} under hosts:` }
  }
  const why = target.undialled ?? `nothing is known of the addresses of ${to}`
  return { why: `${to}: ${why}`, add: `what it is: a host or network for ${to} in the site file` }
}

/** Microsoft's pattern where one is required, its placeholders as stars; else the name that is dialled. */
function wantedName({ target: { name, pattern } }: Flow): string | undefined {
  if (pattern === undefined) return name
  const parsed = parsePattern(pattern)
  switch (parsed.kind) {
    case 'exact':
      return parsed.name
    case 'wildcard':
      return pattern.split('/', 1)[0]?.toLowerCase()
    case 'template':
      return name ?? parsed.fixed.join('*')
    case 'tag':
      return name
    default:
      return parsed satisfies never
  }
}
