import { isPublic, parseAddress, parseHostPort } from '../model/cidr.ts'
import { unbracketed } from '../model/hostPort.ts'
import type { NameLookup } from '../model/observation.ts'
import type { Clock } from './clock.ts'
import { connect } from './connect.ts'
import { exchange } from './exchange.ts'
import { lookup } from './lookup.ts'
import type { Limits, ProxyWay } from './net.ts'
import type { PlatformResolver } from './platformResolver.ts'
import type { ProxyCredentials } from './proxy.ts'
import { basicOf } from './proxy.ts'

export interface OctetTools {
  readonly clock: Clock
  readonly random: (octets: number) => Uint8Array
  readonly platform: PlatformResolver
  readonly userAgent: string
  /** `names:` of the site file: `name` or `name:port` to `address`, `address:port` or `:port`. */
  readonly names: Readonly<Record<string, string>>
  /** Who asks, of each proxy that wants to know. */
  readonly credentials: (proxy: string) => ProxyCredentials | undefined
}

/** Something that a certificate says is to be had over plain HTTP. */
export interface WantedOctets {
  readonly url: string
  /** Octets that are read at most. */
  readonly most: number
  /** Whether the address may lead inside: to what is not public. */
  readonly inside: boolean
  /** The proxy that is asked for it, and resolves its name; absent: the way is straight. */
  readonly through?: ProxyWay
  /** Asked before as much memory is taken for the body; default: granted. */
  readonly allow?: (octets: number) => boolean
}

export type FetchedOctets =
  | {
      readonly kind: 'answer'
      readonly status: number | undefined
      readonly octets: Uint8Array
      /** The media type as it was stated. */
      readonly type?: string
      /** Of a page, at most 120 characters. */
      readonly title?: string
    }
  | {
      readonly kind: 'failed'
      readonly outcome:
        | 'not-http'
        | 'too-large'
        | 'unreachable'
        | 'timeout'
        | 'aborted'
        | 'refused-address'
        | 'tool-limit'
      readonly detail?: string
      /** Octets that had come of an answer that was not whole in time; absent where none came. */
      readonly bytesIn?: number
    }

type Failed = Extract<FetchedOctets, { kind: 'failed' }>

const httpPort = 80
const longestUrl = 2048

/** Only plain HTTP: an address under TLS would need a chain to fetch a chain (RFC 5280 §8 warns of the circle). */
export function isFetchable(url: string): boolean {
  return /^http:\/\//i.test(url) && url.length <= longestUrl && URL.canParse(url) && new URL(url).port !== '0'
}

/**
 * Fetches what a certificate names: one GET over plain HTTP, no redirect followed. All of its waits share one time-out.
 * Where the address leads is looked at before anything is dialled.
 *
 * @param wanted its URL is {@link isFetchable}
 */
export async function fetchOctets(wanted: WantedOctets, limits: Limits, tools: OctetTools): Promise<FetchedOctets> {
  const { clock } = tools
  const startMs = clock.monotonicMs()
  const left = (): Limits => ({
    signal: limits.signal,
    timeoutMs: Math.max(1, limits.timeoutMs - (clock.monotonicMs() - startMs)),
  })
  const place = await dialledPlace(wanted, left, tools)
  if ('kind' in place) return place
  const { seen, socket } = await connect(place, left(), clock)
  if (socket === undefined) {
    const { outcome, code } = seen
    if (outcome === 'timeout' || outcome === 'aborted') return failed(outcome)
    if (outcome === 'tool-limit') return failed(outcome, code)
    return failed('unreachable', code ?? outcome)
  }
  const { url, through, most, allow } = wanted
  const known = through && tools.credentials(through.name)
  const question = { url, address: place.address, method: 'GET', ...(through && { proxy: through.name }) } as const
  const answer = await exchange(socket, question, left(), {
    clock,
    userAgent: tools.userAgent,
    maxBodyBytes: most,
    ...(allow !== undefined && { allow }),
    ...(known !== undefined && { proxyAuthorization: `Basic ${basicOf(known)}` }),
  })
  return readAnswer(answer)
}

function readAnswer({ seen, body }: Awaited<ReturnType<typeof exchange>>): FetchedOctets {
  const { outcome, status, headers, code, bytesIn } = seen
  const type = headers['content-type']
  const { title } = seen.body
  switch (outcome) {
    case 'response':
      return {
        kind: 'answer',
        status,
        octets: body,
        ...(type !== undefined && { type }),
        ...(title !== undefined && { title }),
      }
    case 'timeout':
      return bytesIn === undefined ? failed(outcome) : { ...failed(outcome, `${bytesIn} octets of it came`), bytesIn }
    case 'not-http':
    case 'too-large':
    case 'aborted':
      return failed(outcome)
    case 'reset':
    case 'closed':
    case 'error':
      return failed('unreachable', code ?? outcome)
    default:
      return outcome satisfies never
  }
}

type Dialled = { readonly address: string; readonly port: number }

/** Where the connection leads: to the proxy, or to an address that a certificate may name. */
async function dialledPlace(
  { url, inside, through }: WantedOctets,
  left: () => Limits,
  tools: OctetTools,
): Promise<Dialled | Failed> {
  if (through !== undefined) {
    const host = hostOf(url)
    const literal = parseAddress(host)
    if (!inside && literal !== undefined && !isPublic(literal)) return notPublic(host, host)
    if (!inside && literal === undefined && isNameInside(host))
      return failed('refused-address', `${host} is no public name`)
    return { address: through.address, port: through.port }
  }
  const place = placeOf(url, tools.names)
  if ('refused' in place) return failed('refused-address', place.refused)
  const { host, port, mapped } = place
  const resolved = await addressOf(host, left, tools)
  if (resolved.address === undefined) {
    const { outcome } = resolved
    const detail = `${host} was not resolved: ${outcome}`
    return failed(
      outcome === 'tool-limit' || outcome === 'aborted' || outcome === 'timeout' ? outcome : 'unreachable',
      detail,
    )
  }
  const address = parseAddress(resolved.address)
  // A certificate is the peer's word, until a store vouches for who wrote it: it must not send this machine inside.
  if (!mapped && !inside && (address === undefined || !isPublic(address))) return notPublic(host, resolved.address)
  return { address: resolved.address, port }
}

function failed(outcome: Failed['outcome'], detail?: string): Failed {
  return { kind: 'failed', outcome, ...(detail !== undefined && { detail }) }
}

function notPublic(host: string, address: string): Failed {
  return failed('refused-address', `${host} is ${address}, which is not public`)
}

/** The proxy's own host (RFC 6761 §6.3), or a name without a dot, which no public one is: the proxy would look for it at home. */
function isNameInside(host: string): boolean {
  const name = host.replace(/\.$/, '')
  return !name.includes('.') || name.endsWith('.localhost')
}

function hostOf(url: string): string {
  return unbracketed(new URL(url).hostname)
}

/** Where an address leads: to what the site's names say, where `mapped`, and else to what it says itself. */
type Place = { readonly host: string; readonly port: number; readonly mapped: boolean } | { readonly refused: string }

/**
 * Only a name that the site file maps by itself counts: `*:80` would open the way to any host that a certificate names.
 * And it counts for the port that the file speaks of, which is HTTP's where it speaks of none: a certificate must not
 * choose what is knocked at on a machine inside.
 */
function placeOf(url: string, names: OctetTools['names']): Place {
  const written = new URL(url).port
  const host = hostOf(url)
  const port = written === '' ? httpPort : Number(written)
  const key = [`${host}:${port}`, host].find((each) => Object.hasOwn(names, each))
  const mapped = key === undefined ? undefined : names[key]
  // A port alone is put to any host here, to be read by the one reader there is.
  const where = parseHostPort(mapped?.startsWith(':') ? `port-only${mapped}` : (mapped ?? ''))
  if (mapped === undefined || where === undefined) return { host, port, mapped: false }
  if (key === host && where.port === undefined && port !== httpPort) {
    return { refused: `the site's names map ${host} for port ${httpPort}, not ${port}` }
  }
  return { host: mapped.startsWith(':') ? host : where.host, port: where.port ?? port, mapped: true }
}

async function addressOf(
  host: string,
  left: () => Limits,
  tools: OctetTools,
): Promise<{ readonly address?: string; readonly outcome: NameLookup['outcome'] }> {
  if (parseAddress(host) !== undefined) return { address: host, outcome: 'answer' }
  const question = { name: host, resolver: 'system', resolverRole: 'system', transport: 'udp' } as const
  const ipv4 = await lookup({ ...question, type: 'A' }, left(), tools)
  const isOver = ipv4.answers.length > 0 || ipv4.outcome === 'timeout' || ipv4.outcome === 'aborted'
  const seen = isOver ? ipv4 : await lookup({ ...question, type: 'AAAA' }, left(), tools)
  const [address] = seen.answers
  return { outcome: seen.outcome, ...(address !== undefined && { address }) }
}
