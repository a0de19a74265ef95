import { isIP } from 'node:net'
import { createSecureContext, getCACertificates, rootCertificates } from 'node:tls'
import { Agent, buildConnector, errors, request } from 'undici'
import { parseHostPort } from '../model/cidr.ts'
import { bracketed, unbracketed } from '../model/hostPort.ts'
import { servedPlace } from '../model/servedPlace.ts'
import { errorCode } from './errno.ts'

export interface BoundedFetchOptions {
  /** The only places that are asked: `host`, with `:port` where that is not 443. */
  readonly hosts: readonly string[]
  /** `names:` of the site file: `name` or `name:port` to `address`, `address:port` or `:port`. */
  readonly names: Readonly<Record<string, string>>
  /** PEM texts of CAs of the site, besides those that this machine and Node trust. */
  readonly trust: readonly string[]
  /** Said to every server that is asked: `postern/0.1.0`. */
  readonly userAgent: string
  /** Milliseconds for all of one question, connecting and reading included, 100 to 60,000; default 10,000. */
  readonly timeoutMs?: number
  /** Octets of a body that are read, 1 or more; default 1,048,576. */
  readonly mostOctets?: number
  /** Ends every question that is under way. */
  readonly signal: AbortSignal
}

/** Why nothing came: a closed list. */
export const fetchFailures = {
  'not-allowed': 'it is none of the places that may be asked',
  'timed-out': 'no whole answer came in time',
  aborted: 'the question was ended',
  'too-large': 'the answer is larger than is read',
  untrusted: 'its certificate is not one that is trusted for the name',
  unreachable: 'no connection, or it ended before the answer',
  'not-json': 'the answer is not 200 with JSON',
} as const satisfies Readonly<Record<string, string>>
export type FetchFailure = keyof typeof fetchFailures

/** Holds a word of the list and a place, and nothing of what was sent or came. */
export class FetchFailed extends Error {
  readonly why: FetchFailure

  constructor(why: FetchFailure, place: string) {
    super(`${place}: ${fetchFailures[why]}`)
    this.name = 'FetchFailed'
    this.why = why
  }
}

export interface FetchQuestion {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | null
  readonly signal?: AbortSignal
}

export interface BoundedFetch {
  /** Rejects with {@link FetchFailed}. A redirect is an answer like any other: nobody follows it. */
  fetch(url: string, question?: FetchQuestion): Promise<Response>
  /** The JSON of a 200. Rejects with {@link FetchFailed}. */
  fetchJson(url: string): Promise<unknown>
  /** Ends its connections. */
  close(): Promise<void>
}

/** Connections to one place: a slow one must not keep all others waiting, and a flood must not open a thousand. */
const connections = 32

/**
 * Asks few places over verified TLS, with bounds on time and size: for what decides who gets in. Proxies of the site are
 * not used.
 *
 * @throws RangeError for a time-out out of its range
 */
export function createBoundedFetch(options: BoundedFetchOptions): BoundedFetch {
  const { hosts, names, trust, userAgent, timeoutMs = 10_000, mostOctets = 1_048_576 } = options
  if (!(timeoutMs >= 100 && timeoutMs <= 60_000)) throw new RangeError(`timeoutMs: ${timeoutMs} is not 100 to 60000`)
  const allowed = new Set(hosts)
  const dispatcher = new Agent({
    connect: connectorTo(names, trust, timeoutMs),
    allowH2: false,
    pipelining: 1,
    connections,
    keepAliveTimeout: 30_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: mostOctets,
    maxHeaderSize: 32_768,
  })

  async function fetch(
    url: string,
    { method = 'GET', headers = {}, body, signal }: FetchQuestion = {},
  ): Promise<Response> {
    const place = URL.canParse(url) ? new URL(url) : undefined
    if (place?.protocol !== 'https:' || !allowed.has(place.host) || place.username + place.password !== '') {
      throw new FetchFailed('not-allowed', place?.host ?? 'no address')
    }
    const patience = AbortSignal.timeout(timeoutMs)
    const given = [options.signal, ...(signal === undefined ? [] : [signal])]
    try {
      const answer = await request(place, {
        dispatcher,
        method: method === 'POST' ? 'POST' : 'GET',
        headers: { ...headers, 'user-agent': userAgent, 'accept-encoding': 'identity' },
        body: body ?? null,
        signal: AbortSignal.any([...given, patience]),
      })
      const octets = await answer.body.arrayBuffer()
      const fields = Object.entries(answer.headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((each): [string, string] => [name, each]),
      )
      const isBare = [204, 205, 304].includes(answer.statusCode)
      return new Response(isBare ? null : octets, { status: answer.statusCode, headers: fields })
    } catch (error) {
      throw new FetchFailed(failureOf(error, given, patience), place.host)
    }
  }

  return {
    fetch,
    async fetchJson(url) {
      const answer = await fetch(url, { headers: { accept: 'application/json' } })
      try {
        if (answer.status === 200) return await answer.json()
      } catch {
        // Said below, without what came.
      }
      throw new FetchFailed('not-json', new URL(url).host)
    },
    close: () => dispatcher.destroy(),
  }
}

/** PEM texts of what this machine and Node trust, and of a site besides. */
export function trustedRoots(trust: readonly string[]): string[] {
  return [...new Set([...rootCertificates, ...getCACertificates('system'), ...getCACertificates('extra'), ...trust])]
}

/** Dials where the site file says that a name is served; the certificate is held against the name all the same. */
function connectorTo(names: BoundedFetchOptions['names'], trust: readonly string[], timeout: number) {
  const ca = trustedRoots(trust)
  const connect = buildConnector({
    timeout,
    allowH2: false,
    minVersion: 'TLSv1.2',
    // Made once: to read all roots takes longer than a handshake.
    secureContext: createSecureContext({ ca, minVersion: 'TLSv1.2' }),
  })
  return (asked: buildConnector.Options, callback: buildConnector.Callback): void => {
    const name = unbracketed(asked.hostname)
    const port = Number(asked.port) || 443
    const served = servedPlace(names, name, port)
    const mapped = served?.startsWith(':') ? { port: Number(served.slice(1)) } : parseHostPort(served ?? '')
    connect(
      {
        ...asked,
        host: asked.host ?? bracketed(name),
        hostname: mapped !== undefined && 'host' in mapped ? mapped.host : name,
        port: String(mapped?.port ?? port),
        ...(isIP(name) === 0 && { servername: name }),
      },
      callback,
    )
  }
}

function failureOf(error: unknown, given: readonly AbortSignal[], patience: AbortSignal): FetchFailure {
  if (given.some(({ aborted }) => aborted)) return 'aborted'
  if (patience.aborted) return 'timed-out'
  if (error instanceof errors.ResponseExceededMaxSizeError) return 'too-large'
  const isLate = [errors.ConnectTimeoutError, errors.HeadersTimeoutError, errors.BodyTimeoutError]
  if (isLate.some((each) => error instanceof each)) return 'timed-out'
  const code = errorCode(error) ?? ''
  return /CERT|SIGNATURE|ISSUER|ALTNAME|SELF_SIGNED/.test(code) ? 'untrusted' : 'unreachable'
}
