import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as requestHttp } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpExchange, Unfiled } from '../model/observation.ts'
import { statusOf } from '../wire/http-head.ts'
import { readHttpPage } from '../wire/http-page.ts'
import { printableOctets } from '../wire/printable-octets.ts'
import { readSignInRequest, signInRequestOn } from '../wire/signInRequest.ts'
import type { Clock } from './clock.ts'
import { msSince } from './clock.ts'
import { CollectedOctets } from './collectedOctets.ts'
import { errorCode, streamOutcome } from './errno.ts'
import { octetsOfPart } from './httpAnswer.ts'
import { keptFieldsOf } from './keptFields.ts'
import type { HttpQuestion, Limits } from './net.ts'
import { wait } from './wait.ts'

/** An exchange's observation with the body itself, for what must be read further. */
export interface Exchanged {
  readonly seen: Unfiled<HttpExchange>
  readonly body: Uint8Array
  /** The whole field, of which `seen` keeps what a report bears. */
  readonly location?: string
  /** `Set-Cookie` of the answer, each as it came; `seen` keeps none of them. */
  readonly cookies: readonly string[]
}

export interface ExchangeTools {
  readonly clock: Clock
  readonly userAgent: string
  /** Octets of a body that are read; more is `too-large`. */
  readonly maxBodyBytes: number
  /** Asked before as much memory is taken for the body; what is refused makes it `too-large`. Default: granted. */
  readonly allow?: (octets: number) => boolean
  /** What says to the proxy of the question who asks (RFC 7617); absent: nobody. */
  readonly proxyAuthorization?: string
}

const maxHeaderBytes = 65_536
const mostFirstOctets = 80
/** Interim answers (RFC 9110 §15.2) that are sat through before the server counts as not getting to the point. */
const mostInterim = 16

type End = { readonly error: unknown } | 'complete' | 'closed' | 'too-large' | 'timeout' | 'aborted'

/**
 * One HTTP/1.1 request over an open connection, which is closed afterwards. No redirect is followed, no cookie kept,
 * nothing sent but what the question says and `Host`, `User-Agent`, `Accept` and `Connection: close`.
 *
 * @throws TypeError when the address of the question is no URL, or a header field cannot be written
 */
export async function exchange(
  over: Socket,
  question: HttpQuestion,
  limits: Limits,
  tools: ExchangeTools,
): Promise<Exchanged> {
  try {
    const url = new URL(question.url)
    const at = new Date(tools.clock.now()).toISOString()
    const { end, ms, response, body, bytes, came, firstByteMs, firstOctets } = await converse(
      over,
      url,
      question,
      limits,
      tools,
    )
    const spoken = statusOf(Buffer.from(firstOctets).toString('latin1'))
    const judged = outcomeOf(end)
    // Whoever begins with a status line speaks HTTP, however carelessly the rest is written.
    const outcome = judged === 'not-http' && spoken !== undefined ? 'response' : judged
    const status = response?.statusCode ?? (outcome === 'response' ? spoken : undefined)
    const code = typeof end === 'object' ? errorCode(end.error) : undefined
    const location = response?.headers.location
    const page = readHttpPage(body, response?.headers['content-type'])
    const signIn = question.readsSignIn ? signInOf(location, page.kind === 'html' ? body : undefined, url) : undefined
    const seen: Unfiled<HttpExchange> = {
      kind: 'http-exchange',
      at,
      ms,
      url: url.href,
      address: question.address,
      ...(question.proxy !== undefined && { through: question.proxy }),
      method: question.method,
      ...(tools.proxyAuthorization !== undefined && { showedCredentials: true }),
      outcome,
      ...(status !== undefined && { status }),
      headers: keptFieldsOf(Object.entries(response?.headers ?? {})),
      ...(firstByteMs !== undefined && { firstByteMs }),
      body: { ...page, bytes },
      ...(outcome === 'not-http' && { firstOctets: printableOctets(firstOctets) }),
      ...octetsOfPart(outcome, came),
      // Node says ECONNRESET of a plain end of the stream as well: that word would be read as a reset.
      ...(code !== undefined && outcome !== 'closed' && { code }),
      ...(signIn !== undefined && { signIn }),
    }
    const cookies = response?.headers['set-cookie'] ?? []
    return { seen, body, ...(location !== undefined && { location }), cookies }
  } finally {
    over.destroy()
  }
}

/** Where a browser would be sent to sign in: by a redirect, or by the page. */
function signInOf(
  location: string | undefined,
  page: Uint8Array | undefined,
  { href }: URL,
): HttpExchange['signIn'] | undefined {
  const redirect = location === undefined ? undefined : readSignInRequest(location, href)
  if (redirect !== undefined) return { ...redirect, by: 'redirect' }
  return page === undefined ? undefined : signInRequestOn(new TextDecoder().decode(page), href)
}

/** What came of a request, as far as it got. */
interface Conversation {
  readonly end: End
  readonly ms: number
  readonly response?: IncomingMessage
  readonly body: Uint8Array
  /** How many octets of the body came, those beyond the limit included. */
  readonly bytes: number
  /** How many octets came at all: status line, fields and body. */
  readonly came: number
  readonly firstByteMs?: number
  readonly firstOctets: Uint8Array
}

async function converse(
  over: Socket,
  url: URL,
  question: HttpQuestion,
  limits: Limits,
  { clock, userAgent, maxBodyBytes, proxyAuthorization, allow }: ExchangeTools,
): Promise<Conversation> {
  const startMs = clock.monotonicMs()
  const kept: { ms: number; sentMs?: number; firstByteMs?: number; response?: IncomingMessage } = { ms: 0 }
  const body = new CollectedOctets(maxBodyBytes, allow)
  // A body in chunks of one octet is six times as long on the way, and each chunk costs a turn of the parser.
  const mostOctets = maxHeaderBytes + 2 * maxBodyBytes
  let bytes = 0
  let came = 0
  let firstOctets = Buffer.alloc(0)

  const end = await wait<End>(
    limits,
    (settle) => {
      if (over.destroyed) {
        settle(over.errored === null ? 'closed' : { error: over.errored })
        return () => {}
      }
      const request: ClientRequest = requestHttp({
        createConnection: () => over,
        method: question.method,
        path:
          question.proxy === undefined ? `${url.pathname}${url.search}` : `${url.origin}${url.pathname}${url.search}`,
        setHost: false,
        maxHeaderSize: maxHeaderBytes,
        // A server that browsers and the agents put up with is no other protocol: what it says is looked at, not trusted.
        insecureHTTPParser: true,
        headers: {
          ...headersOf(question, url, userAgent),
          ...(proxyAuthorization !== undefined && { 'Proxy-Authorization': proxyAuthorization }),
        },
      })
      const onData = (octets: Buffer): void => {
        kept.firstByteMs ??= msSince(clock, kept.sentMs ?? startMs)
        if (firstOctets.length < mostFirstOctets) {
          firstOctets = Buffer.concat([firstOctets, octets]).subarray(0, mostFirstOctets)
        }
        came += octets.length
        if (came > mostOctets) settle('too-large')
      }
      const onResponse = (response: IncomingMessage): void => {
        kept.response = response
        response.on('data', (octets: Buffer) => {
          bytes += octets.length
          if (!body.add(octets)) settle('too-large')
        })
        response.once('end', () => settle('complete'))
        response.once('error', (error) => settle({ error }))
        response.once('close', () => settle('closed'))
      }
      let interim = 0
      request.once('socket', (socket) => socket.prependListener('data', onData))
      request.once('finish', () => {
        kept.sentMs = clock.monotonicMs()
      })
      request.on('information', () => {
        interim += 1
        if (interim > mostInterim) settle('too-large')
      })
      request.once('response', onResponse)
      // After a 101 another protocol begins, which is not ours to read.
      request.once('upgrade', (response: IncomingMessage) => {
        kept.response = response
        settle('complete')
      })
      request.on('error', (error) => settle({ error }))
      request.once('close', () => settle('closed'))
      request.end(question.body)
      return () => {
        kept.ms = msSince(clock, startMs)
        request.destroy()
        over.off('data', onData)
      }
    },
    (ending) => ending,
  )
  const { ms, response, firstByteMs } = kept
  return {
    end,
    ms,
    ...(response !== undefined && { response }),
    body: body.octets,
    bytes,
    came,
    ...(firstByteMs !== undefined && { firstByteMs }),
    firstOctets,
  }
}

function headersOf({ headers, body }: HttpQuestion, url: URL, userAgent: string): Record<string, string | number> {
  return {
    Host: url.host,
    'User-Agent': userAgent,
    Accept: '*/*',
    ...headers,
    ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }),
    Connection: 'close',
  }
}

function outcomeOf(end: End): HttpExchange['outcome'] {
  if (end === 'complete') return 'response'
  if (typeof end !== 'object') return end
  const code = errorCode(end.error)
  if (code === 'HPE_HEADER_OVERFLOW' || code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 'too-large'
  if (code?.startsWith('HPE_')) return 'not-http'
  return streamOutcome(end.error)
}
