import { isIP } from 'node:net'
import { createSecureContext, getCACertificates, rootCertificates } from 'node:tls'
import { Agent, buildConnector, Client, errors, ProxyAgent, request } from 'undici'
import { bracketed, hostPort, unbracketed } from '../model/hostPort.ts'
import { isTrustError, placeOfName } from './dialNamed.ts'
import { errorCode } from './errno.ts'
import type { ProxyCredentials } from './proxy.ts'
import { basicOf } from './proxy.ts'

export interface BoundedFetchOptions {
  /** The only places that are asked: `host`, with `:port` where that is not 443; `any`: whoever asks says where. */
  readonly hosts: readonly string[] | 'any'
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
  /** Of a longer body the beginning counts; default: it is refused. */
  readonly cutsLong?: true
  /** Asks `http://` as well; default: TLS alone. */
  readonly asksPlain?: true
  /** Whose tunnels lead everywhere (CONNECT), and who asks it; default: nobody's. Names of the site file count for itself alone. */
  readonly proxy?: { readonly url: string; readonly credentials?: ProxyCredentials }
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
  'proxy-refused': 'the proxy does not let it through',
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
  /** Milliseconds, 1 to those of all questions, which is the default. */
  readonly timeoutMs?: number
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
  const allowed = hosts === 'any' ? undefined : new Set(hosts)
  const schemes = options.asksPlain === true ? ['https:', 'http:'] : ['https:']
  const bounds = {
    allowH2: false,
    pipelining: 1,
    connections,
    keepAliveTimeout: 30_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    ...(options.cutsLong !== true && { maxResponseSize: mostOctets }),
    maxHeaderSize: 32_768,
  }
  const dispatcher =
    options.proxy === undefined
      ? new Agent({ ...bounds, connect: connectorTo(names, trust, timeoutMs) })
      : new ProxyAgent({ ...bounds, ...throughProxy(options.proxy, names, trust, timeoutMs) })

  async function fetch(
    url: string,
    { method = 'GET', headers = {}, body, signal, timeoutMs: within = timeoutMs }: FetchQuestion = {},
  ): Promise<Response> {
    const place = URL.canParse(url) ? new URL(url) : undefined
    const isAllowed = place !== undefined && schemes.includes(place.protocol) && allowed?.has(place.host) !== false
    if (!isAllowed || place.username + place.password !== '') {
      throw new FetchFailed('not-allowed', place?.host ?? 'no address')
    }
    const patience = AbortSignal.timeout(Math.min(within, timeoutMs))
    const given = [options.signal, ...(signal === undefined ? [] : [signal])]
    const ended = endOf(AbortSignal.any([...given, patience]))
    try {
      const asking = request(place, {
        dispatcher,
        method: method === 'POST' ? 'POST' : 'GET',
        headers: { ...headers, 'user-agent': userAgent, 'accept-encoding': 'identity' },
        body: body ?? null,
        signal: ended.signal,
      })
      // A question that has no connection yet hears of no abort: it is left, and never sent.
      asking.catch(() => {})
      const answer = await Promise.race([asking, ended.rejects])
      const octets =
        options.cutsLong === true ? await beginningOf(answer.body, mostOctets) : await answer.body.arrayBuffer()
      const fields = Object.entries(answer.headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((each): [string, string] => [name, each]),
      )
      const isBare = [204, 205, 304].includes(answer.statusCode)
      return new Response(isBare ? null : octets, { status: answer.statusCode, headers: fields })
    } catch (error) {
      throw new FetchFailed(failureOf(error, given, patience), place.host)
    } finally {
      ended.forget()
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

/** The first octets of a body; what comes behind them is not waited for. */
async function beginningOf(body: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body) {
    parts.push(part)
    length += part.length
    if (length >= most) break
  }
  return Uint8Array.from(Buffer.concat(parts).subarray(0, most))
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
    const port = Number(asked.port) || (asked.protocol === 'http:' ? 80 : 443)
    const place = placeOfName(names, { host: name, port })
    connect(
      {
        ...asked,
        host: asked.host ?? bracketed(name),
        hostname: place.host,
        port: String(place.port),
        ...(isIP(name) === 0 && { servername: name }),
      },
      callback,
    )
  }
}

/** A promise that is rejected once a signal is aborted, until it is forgotten. */
function endOf(signal: AbortSignal) {
  const { promise: rejects, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  rejects.catch(() => {})
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return { signal, rejects, forget: () => signal.removeEventListener('abort', onAbort) }
}

/** Every question goes through a tunnel, over which TLS is that of the place itself; the proxy is told who asks. */
function throughProxy(
  { url, credentials }: NonNullable<BoundedFetchOptions['proxy']>,
  names: BoundedFetchOptions['names'],
  trust: readonly string[],
  timeout: number,
): ProxyAgent.Options {
  const { protocol, hostname, port } = new URL(url)
  const usual = protocol === 'https:' ? 443 : 80
  const place = placeOfName(names, { host: hostname, port: Number(port) || usual })
  const secureContext = createSecureContext({ ca: trustedRoots(trust), minVersion: 'TLSv1.2' })
  const name = unbracketed(hostname)
  return {
    uri: `${protocol}//${hostPort(place.host, place.port)}`,
    proxyTunnel: true,
    ...(credentials !== undefined && { token: `Basic ${basicOf(credentials)}` }),
    connectTimeout: timeout,
    // A proxy that takes a question for a tunnel and never answers is left.
    clientFactory: (origin, given) => new Client(origin, { ...given, headersTimeout: timeout }),
    requestTls: { secureContext, minVersion: 'TLSv1.2', allowH2: false, timeout },
    proxyTls: {
      secureContext,
      minVersion: 'TLSv1.2',
      allowH2: false,
      timeout,
      ...(isIP(name) === 0 && { servername: name }),
    },
  }
}

function failureOf(error: unknown, given: readonly AbortSignal[], patience: AbortSignal): FetchFailure {
  if (given.some(({ aborted }) => aborted)) return 'aborted'
  if (patience.aborted) return 'timed-out'
  if (error instanceof errors.ResponseExceededMaxSizeError) return 'too-large'
  const isLate = [errors.ConnectTimeoutError, errors.HeadersTimeoutError, errors.BodyTimeoutError]
  if (isLate.some((each) => error instanceof each)) return 'timed-out'
  if (error instanceof errors.RequestAbortedError && error.message.startsWith('Proxy response')) return 'proxy-refused'
  const code = errorCode(error) ?? ''
  return isTrustError(code) ? 'untrusted' : 'unreachable'
}
