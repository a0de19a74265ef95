import { parseHostPort } from '../model/cidr.ts'
import type { HttpExchange, Unfiled } from '../model/observation.ts'
import { servedPlace } from '../model/servedPlace.ts'
import type { Site } from '../model/site.ts'
import type { Limits } from '../net/net.ts'
import { endWords, placeOf } from '../net/placeOf.ts'
import { environmentProxy } from '../wire/environmentProxy.ts'
import type { Destination, ProxyPlace } from '../wire/proxySetting.ts'
import { wayOf } from '../wire/proxySetting.ts'
import type { Found, Look } from './look.ts'
import { limits as limited, ok, unknown } from './look.ts'
import type { Asked, FoundSetting, Means } from './means.ts'
import { placeWords } from './proxies.ts'

/** What one clock says against this machine's. */
export type ClockSource =
  | {
      readonly kind: 'offset'
      readonly from: string
      /** The other clock less this machine's, milliseconds. */
      readonly offsetMs: number
      /** How far off that may be either way. */
      readonly uncertaintyMs: number
    }
  | { readonly kind: 'silent'; readonly from: string; readonly why: string }

type Heard = ClockSource & { readonly kind: 'offset' }

const another = 'name a time server with --ntp, such as a domain controller'

/** Two clocks agree when they are no further apart than this beyond what each may be off. */
const agreementMs = 2000
/** Kerberos refuses at five minutes; a clock that is off by one will get there. */
const toleratedMs = 60_000
const kerberosMs = 300_000
const httpsPort = 443
const httpPort = 80

/** This machine's clock against three others. */
export const clock: Look = {
  id: 'clock',
  group: 'time',
  title: 'clock',
  async look(means, asked, bounds) {
    const timeServer = asked.timeServer ?? timeServerOf(asked.site)
    const sources = await Promise.all([
      dateOf('https', 'login.microsoftonline.com', means, asked, bounds),
      timeServer === undefined
        ? silent('a time server', 'the site file names no domain controller, and --ntp gives none')
        : ntpOf(timeServer, means, asked, bounds),
      dateOf('http', 'crl.microsoft.com', means, asked, bounds),
    ])
    return judgeClock(sources)
  },
}

/**
 * What several clocks say together. One alone accuses nobody, and neither do two that contradict each other: it needs two
 * that agree.
 */
export function judgeClock(sources: readonly ClockSource[]): Found {
  const heard = sources.filter((source) => source.kind === 'offset')
  const table = { columns: ['clock', 'against this machine’s'], rows: sources.map((one) => [one.from, wordsOf(one)]) }
  const rest = { table, figures: { sources: heard.length } }
  const [only] = heard
  if (only === undefined)
    return unknown('no other clock answered, so this one is not judged', { ...rest, next: another })
  if (heard.length === 1) {
    return unknown(`one clock answered (${wordsOf(only)}): one is not enough to judge by`, { ...rest, next: another })
  }
  const agreeing = heard
    .map((one) => heard.filter((other) => agree(one, other)))
    .reduce((largest, group) => (group.length > largest.length ? group : largest))
  if (agreeing.length * 2 <= heard.length) {
    return unknown(`${heard.length} clocks answered and do not agree with each other: this one is not judged`, {
      ...rest,
      next: 'name a time server that is trusted with --ntp',
    })
  }
  const agreed = medianOf(agreeing.map(({ offsetMs }) => offsetMs))
  const figures = { ...rest.figures, agreeing: agreeing.length, offsetMs: Math.round(agreed) }
  const count = `${agreeing.length} of ${heard.length} clocks that answered agree`
  if (Math.abs(agreed) <= toleratedMs)
    return ok(`${count}: this one is right (${offsetWords(agreed)})`, { table, figures })
  const harm = Math.abs(agreed) > kerberosMs ? 'Kerberos and tokens fail' : 'Kerberos and tokens fail from 5 minutes on'
  return limited(
    `${count} that this one is ${agreed > 0 ? 'slow' : 'fast'} by ${spanWords(agreed)}: ${harm}`,
    'set this machine’s time (Windows: w32tm /resync; Linux: timedatectl, chronyc makestep)',
    { table, figures },
  )
}

/**
 * The offset that an answer's Date field shows (RFC 9110 §6.6.1): a whole second, written somewhere between the request
 * and the first octet of the answer.
 */
export function offsetOfDate(seen: Unfiled<HttpExchange>, from: string): ClockSource {
  const { date, age } = seen.headers
  if (seen.outcome !== 'response') return { kind: 'silent', from, why: endWords(seen.outcome) }
  const said = Date.parse(date ?? '')
  if (Number.isNaN(said)) return { kind: 'silent', from, why: 'its answer has no Date' }
  if (age !== undefined && age !== '0')
    return { kind: 'silent', from, why: 'a cache answered: its Date is of another time' }
  const sent = Date.parse(seen.at)
  const arrived = sent + (seen.firstByteMs ?? seen.ms)
  return {
    kind: 'offset',
    from,
    offsetMs: said + 500 - (sent + arrived) / 2,
    uncertaintyMs: 500 + (arrived - sent) / 2,
  }
}

/**
 * The Date of one server. It is asked by the proxy that this machine sets for it, since where one is set the way without it
 * is often shut; else straight.
 */
async function dateOf(
  scheme: 'http' | 'https',
  name: string,
  means: Means,
  asked: Asked,
  limits: Limits,
): Promise<ClockSource> {
  const port = scheme === 'https' ? httpsPort : httpPort
  const names = asked.site?.names ?? {}
  const isServedHere = servedPlace(names, name, port) !== undefined
  const proxy = isServedHere ? undefined : proxyFor({ scheme, host: name, port }, means, asked)
  const from = `Date of ${scheme}://${name}${proxy === undefined ? '' : ` by ${placeWords(proxy.place)}`}`
  const place =
    proxy === undefined
      ? await placeOf(name, port, means.net, names, limits)
      : await placeOf(proxy.place.host, proxy.place.port, means.net, names, limits)
  if ('why' in place) return silent(from, place.why)
  const question = { url: `${scheme}://${name}/`, address: place.address, method: 'HEAD' } as const
  const way = proxy && { name: proxy.name, ...place }
  const opened: Awaited<ReturnType<Means['net']['tunnel']>> =
    way === undefined || scheme === 'http'
      ? await means.net.connect(place, limits)
      : await means.net.tunnel(way, { host: name, port }, limits)
  const { seen, socket } = opened
  if (socket === undefined) {
    const status = opened.asked?.status
    return silent(
      from,
      status === undefined ? `no connection (${endWords(seen.outcome)})` : `the proxy answered ${status}`,
    )
  }
  if (scheme === 'http') {
    const viaProxy = way === undefined ? {} : { proxy: way.name }
    return offsetOfDate(await means.net.request(socket, { ...question, ...viaProxy }, limits), from)
  }
  // Certificates are not judged: their dates are what a wrong clock would get wrong.
  const shaken = await means.net.handshake(socket, { ...place, serverName: name }, limits)
  if (shaken.socket === undefined) return silent(from, `no TLS (${endWords(shaken.seen.outcome)})`)
  return offsetOfDate(await means.net.request(shaken.socket, question, limits), from)
}

interface NamedProxy {
  /** By which the wire knows who asks of it; that of no proxy of the site when the setting is another. */
  readonly name: string
  readonly place: ProxyPlace
}

/** The proxy that the first of this machine's fixed settings names; scripts are not run for this. */
function proxyFor(to: Destination, { environment }: Means, { settings }: Asked): NamedProxy | undefined {
  const own = environmentProxy(environment)
  const fixed: readonly Pick<FoundSetting, 'setting' | 'proxyName'>[] = [
    ...settings.filter(({ given }) => given !== true),
    ...(own === undefined ? [] : [{ setting: own }]),
  ]
  for (const { setting, proxyName = '' } of fixed) {
    const way = wayOf(setting, to)
    // Only these are spoken to in the clear.
    if (way.kind === 'proxy' && way.proxy.scheme === 'http') return { name: proxyName, place: way.proxy }
  }
  return undefined
}

const ntpPort = 123

async function ntpOf(server: string, means: Means, asked: Asked, limits: Limits): Promise<ClockSource> {
  const from = `NTP of ${server}`
  const { host, port = ntpPort } = parseHostPort(server) ?? { host: server }
  const place = await placeOf(host, port, means.net, asked.site?.names ?? {}, limits)
  if ('why' in place) return silent(from, place.why)
  const { outcome, time } = await means.net.askTime(place, limits)
  if (time === undefined) return silent(from, endWords(outcome))
  switch (time.kind) {
    case 'unreadable':
    case 'not-ours':
      return silent(from, `no NTP answer: ${time.why}`)
    case 'kiss':
      return silent(from, `it declines (${time.code}${time.means === undefined ? '' : `: ${time.means}`})`)
    case 'time': {
      const { leap, stratum, offsetMs, delayMs = 0, rootDispersionMs } = time
      if (leap === 'unsynchronised' || stratum > 15 || offsetMs === undefined) {
        return silent(from, 'it says that it follows no clock itself')
      }
      return { kind: 'offset', from, offsetMs, uncertaintyMs: delayMs / 2 + rootDispersionMs }
    }
    default:
      return time satisfies never
  }
}

/** Domain controllers are the clocks of their domain (MS-SNTP). */
function timeServerOf(site: Site | undefined): string | undefined {
  const found = Object.entries(site?.hosts ?? {}).find(([, { roles }]) => roles.includes('domain-controller'))
  return found === undefined ? undefined : (found[1].addresses[0] ?? found[1].name ?? found[0])
}

function silent(from: string, why: string): ClockSource {
  return { kind: 'silent', from, why }
}

/** As far as each may be off, the two may show one time. */
function agree(one: Heard, other: Heard): boolean {
  return Math.abs(one.offsetMs - other.offsetMs) <= agreementMs + one.uncertaintyMs + other.uncertaintyMs
}

/** @param values one or more */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? upper
  return (lower + upper) / 2
}

function wordsOf(source: ClockSource): string {
  return source.kind === 'offset' ? offsetWords(source.offsetMs, source.uncertaintyMs) : `not heard: ${source.why}`
}

function offsetWords(offsetMs: number, uncertaintyMs?: number): string {
  const within = uncertaintyMs === undefined ? '' : `, give or take ${spanWords(uncertaintyMs)}`
  if (Math.abs(offsetMs) <= (uncertaintyMs ?? agreementMs)) return `the same${within}`
  return `${spanWords(offsetMs)} ${offsetMs > 0 ? 'ahead' : 'behind'}${within}`
}

function spanWords(ms: number): string {
  const seconds = Math.abs(ms) / 1000
  if (seconds < 1) return `${Math.round(Math.abs(ms))} ms`
  if (seconds < 120) return `${seconds.toFixed(1)} s`
  if (seconds < 7200) return `${(seconds / 60).toFixed(1)} min`
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${Math.round(seconds / 86_400)} days`
}
