import { unbracketed } from '../model/hostPort.ts'
import type { Exchanged, ExchangeTools } from './exchange.ts'
import { exchange } from './exchange.ts'
import type { Limits, Net } from './net.ts'
import { endWords, placeOf } from './placeOf.ts'

export interface FetchTools extends ExchangeTools {
  readonly net: Pick<Net, 'lookup' | 'connect' | 'handshake'>
  /** `names:` of the site file. */
  readonly names: Readonly<Record<string, string>>
}

export type FetchedText =
  | { readonly kind: 'text'; readonly text: string }
  /** Why there is none, in words that hold nothing of what the server sent. */
  | { readonly kind: 'failed'; readonly why: string }

/**
 * Fetches a small text over HTTP or HTTPS straight from where its address leads: no proxy is asked, no redirect followed,
 * and a certificate that no store of this machine answers for is refused.
 *
 * @param url what stands before an `@` in it is not sent
 */
export async function fetchText(url: URL, tools: FetchTools, limits: Limits): Promise<FetchedText> {
  const asked = await askAt(url, tools, limits)
  return 'why' in asked ? failed(asked.why) : textOf(asked)
}

export type AskedPage =
  | {
      readonly kind: 'page'
      readonly status: number
      /** Where it sends a browser, as it stands in the answer. */
      readonly location?: string
      readonly text: string
    }
  | Extract<FetchedText, { kind: 'failed' }>

/** The same for an answer of any status, which is looked at as it is. */
export async function askPage(url: URL, tools: FetchTools, limits: Limits): Promise<AskedPage> {
  const asked = await askAt(url, tools, limits)
  if ('why' in asked) return failed(asked.why)
  const { seen, body, location } = asked
  if (seen.outcome !== 'response' || seen.status === undefined) {
    return failed(`no whole answer (${endWords(seen.outcome)})`)
  }
  const text = new TextDecoder().decode(body)
  return { kind: 'page', status: seen.status, text, ...(location !== undefined && { location }) }
}

/** One GET, or why there was none. */
async function askAt(url: URL, tools: FetchTools, limits: Limits): Promise<Exchanged | { readonly why: string }> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { why: `${url.protocol} is not fetched` }
  const isTls = url.protocol === 'https:'
  const name = unbracketed(url.hostname)
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port)
  const place = await placeOf(name, port, tools.net, tools.names, limits)
  if ('why' in place) return place
  const { seen: connected, socket } = await tools.net.connect(place, limits)
  if (socket === undefined) return { why: `no connection to ${place.address} (${endWords(connected.outcome)})` }
  const plain = { url: `${url.origin}${url.pathname}${url.search}`, address: place.address, method: 'GET' } as const
  if (!isTls) return exchange(socket, plain, limits, tools)
  const shaken = await tools.net.handshake(socket, { ...place, serverName: name }, limits)
  if (shaken.socket === undefined) return { why: `no TLS with ${place.address} (${endWords(shaken.seen.outcome)})` }
  const { anchoredIn, signaturesVerify, nameMatches } = shaken.seen
  if (anchoredIn.length === 0 || !signaturesVerify || nameMatches === false) {
    shaken.socket.destroy()
    return { why: 'its certificate is not one that this machine trusts for the name' }
  }
  return exchange(shaken.socket, plain, limits, tools)
}

function textOf({ seen, body }: Exchanged): FetchedText {
  const { outcome, bytesIn } = seen
  if (outcome === 'timeout' && bytesIn !== undefined)
    return failed(`no whole answer in time (${bytesIn} octets of it came)`)
  if (outcome !== 'response') return failed(`no whole answer (${endWords(outcome)})`)
  if (seen.status !== 200) return failed(`the server answered ${seen.status ?? 'without a status'}`)
  return { kind: 'text', text: new TextDecoder().decode(body) }
}

function failed(why: string): Extract<FetchedText, { kind: 'failed' }> {
  return { kind: 'failed', why }
}
