import { opensAs, roleRows } from '../catalog/index.ts'
import type { AddressRange } from '../firewall/addresses.ts'
import { everyAddress } from '../firewall/addresses.ts'
import type { AskedFlow, PathDevice } from '../firewall/judged.ts'
import type { Rule, RuleSet } from '../firewall/ruleset.ts'
import type { Unknown } from '../firewall/unknown.ts'
import { canonicalAddress } from '../model/cidr.ts'
import type { Flow } from '../model/flow.ts'
import { commandLine } from '../model/flow.ts'
import { hostPort } from '../model/hostPort.ts'
import type { Service } from '../model/service.ts'
import type { PacRoute } from '../net/pac.ts'
import type { Ground } from './askedOf.ts'
import type { ScriptWord } from './askScripts.ts'
import { routeText } from './askScripts.ts'
import type { PathEnd } from './pathOf.ts'
import { isOutside, pathOf } from './pathOf.ts'
import type { ReadDevice } from './readDevices.ts'
import { standingOf } from './readDevices.ts'
import { scriptQuestion } from './scriptQuestion.ts'
import type { Way } from './wayOf.ts'
import { devicesOn, proxyPlaceOf, readOn, throughProxy, wayOf } from './wayOf.ts'

/** The devices of a way that may be chosen by a proxy script. */
export interface MetDevices {
  readonly devices: readonly PathDevice[]
  /** What a browser tries where the first way is silent before its proxy, in order. */
  readonly fallbacks?: readonly Fallback[]
  /** The script sends to a proxy that is not the path's: where it leads. */
  readonly led?: LedAway
}

export type ChosenWay = MetDevices | Extract<Way, { readonly why: string }>

export interface Fallback {
  /** As the script writes it. */
  readonly answer: string
  readonly devices: readonly PathDevice[]
}

export interface LedAway {
  readonly host: string
  readonly port: number
  /** Empty where nobody knows them. */
  readonly addresses: readonly AddressRange[]
}

/** How a step begins that says why a script was not asked. */
export const notAskedWord = 'not asked: '

/** What goes by HTTP, which alone is sent by a script. */
const webServices: ReadonlySet<Service> = new Set(['http', 'https', 'ws', 'wss', 'tls'])

/**
 * The way of a flow as the proxy script on its path chooses it, and as {@link wayOf} has it where there is none. A script
 * stands on the side of who opens: behind a router or proxy no browser is, and nobody asks it.
 */
export function wayByScript(flow: Flow, asked: AskedFlow, from: PathEnd, to: PathEnd, ground: Ground): ChosenWay {
  const script = scriptOn(flow, from, to, ground)
  if (script === undefined) return wayOf(flow, from, to, ground)
  const { device, before } = script
  const why =
    whyNotAsked(flow, from) ?? (before === undefined ? undefined : `it stands behind ${before}, where no browser is`)
  if (why !== undefined) return unasked(device, why, wayOf(flow, from, to, ground))
  const word = wordOf(device, flow, asked, ground)
  if (word.kind === 'unknown') return doubtful(device, noAnswer, word.doubts)
  const [first, ...others] = word.routes
  const opener = first?.kind === 'direct' && flow.via === undefined ? undefined : openerDoubt(flow, from, ground)
  const doubts = [...word.doubts, ...(opener === undefined ? [] : [opener])]
  if (first === undefined || doubts.length > 0) return doubtful(device, word.answer, doubts)
  const setting: Setting = { flow, from, to, ground, device, answer: word.answer }
  const way = byRoute(first, setting)
  const fallbacks = others.flatMap((route): Fallback[] => {
    const other = byRoute(route, setting)
    return 'devices' in other && other.led === undefined ? [{ answer: routeText(route), devices: other.devices }] : []
  })
  return fallbacks.length === 0 ? way : { ...way, fallbacks }
}

/** What a script says of a question by itself, whatever stands behind it. */
export function wayOfScript(device: ReadDevice, flow: Flow, asked: AskedFlow, ground: Ground): MetDevices {
  if (asked.transport !== 'tcp') {
    return { devices: [leading(device, `${notAskedWord}${asked.transport} is no request of a browser`)] }
  }
  const word = wordOf(device, flow, asked, ground)
  if (word.kind === 'unknown') return doubtful(device, noAnswer, word.doubts)
  return word.doubts.length > 0
    ? doubtful(device, word.answer, word.doubts)
    : { devices: [leading(device, word.answer)] }
}

/** What a rule is called that would have been an answer. */
const noAnswer = 'no answer'

function wordOf(device: ReadDevice, { target }: Flow, asked: AskedFlow, { scripts }: Ground): ScriptWord {
  const word = scripts?.(scriptQuestion(device.name, asked, target.name))
  return word ?? { kind: 'unknown', doubts: [{ kind: 'other', what: `what ${device.name} answers` }] }
}

interface ScriptOnPath {
  readonly device: ReadDevice
  /** What stands before it, where that is nothing that a browser is behind. */
  readonly before?: string
}

function scriptOn(flow: Flow, from: PathEnd, to: PathEnd, ground: Ground): ScriptOnPath | undefined {
  if (isOutside(ground.site, from)) return undefined
  const proxy = flow.via === undefined ? undefined : ground.site.proxies[flow.via]
  const end = proxy === undefined ? undefined : proxyPlaceOf(proxy.url, ground).end
  for (const far of [to, ...(end === undefined ? [] : [end])]) {
    const through = (pathOf(ground.site, from, far) ?? []).flatMap((name) => ground.devices.get(name) ?? [])
    const at = through.findIndex(({ vendor }) => vendor === 'pac')
    const device = through[at]
    if (device === undefined) continue
    const before = through.slice(0, at).find((one) => standingOf(one) !== 'host' && standingOf(one) !== 'routes')
    return { device, ...(before !== undefined && { before: before.name }) }
  }
  return undefined
}

function whyNotAsked({ target: { transport, service }, fromRole, source }: Flow, from: PathEnd): string | undefined {
  if (transport !== 'tcp') return `${transport} is no request of a browser`
  if (source === commandLine) return undefined
  if (!webServices.has(service)) return `${service} is no request of a browser`
  const { title } = roleRows[fromRole]
  return opensAs[fromRole] === 'services'
    ? `services of ${from.name} (${title}) do not use the script of a user`
    : undefined
}

/** Where it matters whether a person's program opens a flow, and nobody knows whether one does. */
function openerDoubt({ fromRole, source }: Flow, { name }: PathEnd, { site }: Ground): Unknown | undefined {
  const roles = site.hosts[name]?.roles ?? []
  const isServer = roles.length > 0 && roles.every((role) => opensAs[role] === 'services')
  const isOpen = source === commandLine ? isServer : opensAs[fromRole] === 'both'
  if (!isOpen) return undefined
  return {
    kind: 'process',
    what: `whether a browser opens it, or a service of ${name}, which does not use the script of a user`,
  }
}

/** The rule that a script was read as. */
function ruleOf({ ruleSets: [ruleSet] }: ReadDevice): { readonly ruleSet: RuleSet; readonly rule: Rule } | undefined {
  const [rule] = Object.values(ruleSet?.chains ?? {}).flat()
  return ruleSet === undefined || rule === undefined ? undefined : { ruleSet, rule }
}

/** A script that leads on and forbids nothing. */
function leading(device: ReadDevice, name: string): PathDevice {
  const read = ruleOf(device)
  if (read === undefined) return { label: device.name, ruleSets: [], passage: 'forward' }
  const { ruleSet, rule } = read
  const routes = everyAddress().sure.map((to) => ({ to, name, out: name, kind: 'unicast' as const, span: rule.span }))
  const places = [{ name, kind: 'interface' as const }]
  const led: RuleSet = { ...ruleSet, stages: [], chains: {}, places, routes }
  return { label: device.name, ruleSets: [led], passage: 'forward' }
}

/** A script whose answer is not settled: nobody knows which way it goes, and so nothing behind it is asked. */
function doubtful(device: ReadDevice, name: string, unknowns: readonly Unknown[]): MetDevices {
  const read = ruleOf(device)
  if (read === undefined) return { devices: [{ label: device.name, ruleSets: [], passage: 'forward' }] }
  const { ruleSet, rule } = read
  const chains = Object.fromEntries(Object.keys(ruleSet.chains).map((chain) => [chain, [{ ...rule, name, unknowns }]]))
  return { devices: [{ label: device.name, ruleSets: [{ ...ruleSet, chains }], passage: 'forward' }] }
}

function unasked(device: ReadDevice, why: string, way: Way): ChosenWay {
  if (!('why' in way)) return { devices: [leading(device, `${notAskedWord}${why}`), ...way.devices] }
  return { ...way, why: `${device.name} is not asked (${why}), and ${way.why}` }
}

interface Setting {
  readonly flow: Flow
  readonly from: PathEnd
  readonly to: PathEnd
  readonly ground: Ground
  readonly device: ReadDevice
  readonly answer: string
}

/** The way by one of the routes that a script offers. */
function byRoute(route: PacRoute, setting: Setting): ChosenWay {
  const { from, to, ground, device, answer, flow } = setting
  const here = leading(device, answer)
  const whole = readOn(pathOf(ground.site, from, to), ground)
  if (route.kind === 'direct') {
    const rest = whole.filter(({ stands }) => stands !== 'proxy')
    return behind(here, rest.length === 0 ? { devices: [] } : devicesOn(rest, from, to, ground))
  }
  const at = hostPort(route.host, route.port)
  const place = `where the proxy ${at} stands, which the site file does not have`
  if (route.type === 'socks') {
    const what = `what the SOCKS proxy ${at} lets through`
    return whole.length === 0 ? { devices: [here] } : doubtful(device, answer, [{ kind: 'other', what }])
  }
  const meant = listener(`http://${at}`, ground)
  const expected = pathProxy(whole, flow, ground)
  if (expected === 'unknown') {
    const what = `whether the proxy of the path is the one at ${at} (proxies: in the site file says it)`
    return doubtful(device, answer, [{ kind: 'other', what }])
  }
  if (expected !== undefined && !isSame(expected, meant)) {
    return { devices: [here], led: { host: route.host, port: route.port, addresses: meant.addresses } }
  }
  const known = Object.entries(ground.site.proxies).find(([, { url }]) => isSame(listener(url, ground), meant))
  const isKnown = known !== undefined || expected !== undefined || meant.isOfSite
  if (!isKnown)
    return whole.length === 0 ? { devices: [here] } : doubtful(device, answer, [{ kind: 'place', what: place }])
  const way = throughProxy(known?.[0] ?? at, known?.[1].url ?? `http://${at}`, from, to, ground)
  return 'why' in way && whole.length === 0 ? { devices: [here] } : behind(here, way)
}

function behind(here: PathDevice, way: Way): ChosenWay {
  return 'why' in way ? way : { devices: [here, ...way.devices] }
}

/** Where a proxy listens, by all that it is called. */
interface Listener {
  readonly names: ReadonlySet<string>
  readonly port?: number
  readonly addresses: readonly AddressRange[]
  readonly isOfSite: boolean
}

function listener(url: string, ground: Ground): Listener {
  const { host, port, addresses, end } = proxyPlaceOf(url, ground)
  const own = end === undefined ? [] : hostNames(end.name, ground)
  return { names: new Set([host.toLowerCase(), ...own]), port, addresses, isOfSite: end !== undefined }
}

function hostNames(key: string, { site }: Ground): readonly string[] {
  const host = site.hosts[key]
  const addresses = (host?.addresses ?? []).map((text) => canonicalAddress(text) ?? text)
  return [key, ...(host?.name === undefined ? [] : [host.name]), ...addresses].map((name) => name.toLowerCase())
}

function isSame(one: Listener, other: Listener): boolean {
  if (one.port !== undefined && other.port !== undefined && one.port !== other.port) return false
  return [...one.names].some((name) => other.names.has(name))
}

/** The proxy that the site file has on the way: by what it says of the opener, or by the device that stands on the path. */
function pathProxy(whole: readonly ReadDevice[], { via }: Flow, ground: Ground): Listener | 'unknown' | undefined {
  const { proxies, hosts } = ground.site
  const used = via === undefined ? undefined : proxies[via]
  if (used !== undefined) return listener(used.url, ground)
  const device = whole.find(({ stands }) => stands === 'proxy')
  if (device === undefined) return undefined
  const named = proxies[device.name]
  if (named !== undefined) return listener(named.url, ground)
  const machines = device.protects ?? (Object.hasOwn(hosts, device.name) ? [device.name] : [])
  if (machines.length > 0) {
    const names = machines.flatMap((key) => hostNames(key, ground))
    const own = Object.values(proxies)
      .map(({ url }) => listener(url, ground))
      .find((one) => names.some((name) => one.names.has(name)))
    return own ?? { names: new Set(names), addresses: [], isOfSite: true }
  }
  const [only, ...others] = Object.values(proxies)
  return only !== undefined && others.length === 0 ? listener(only.url, ground) : 'unknown'
}
