import type { Socket } from 'node:net'
import { canonicalAddress } from '../../model/cidr.ts'
import { hostPort, unbracketed } from '../../model/hostPort.ts'
import type { HttpExchange } from '../../model/observation.ts'
import type { Measure, Reading } from '../../model/series.ts'
import { placeOfName } from '../../net/dialNamed.ts'
import type { Limits } from '../../net/net.ts'
import type { Told } from '../news.ts'
import type { SignInMeans, SignInOutcome } from './signInKind.ts'
import { connectTold, handshakeTold, lookupTold, statusTold, toldOf } from './toldFailures.ts'

export interface Ask {
  readonly url: string
  /** What it is called to people: `the token endpoint`. */
  readonly what: string
  /** Under which its time is kept; absent: it is not. */
  readonly measure?: Measure
  readonly form?: URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly ok: true
  readonly url: string
  readonly status: number
  readonly headers: HttpExchange['headers']
  readonly body: Uint8Array
  /** The whole of it: it may have a code in it, and goes nowhere. */
  readonly location?: string
}

export type Answer = Answered | { readonly ok: false; readonly outcome: Exclude<SignInOutcome, { kind: 'well' }> }

/** How far apart clocks may be before tokens are refused, in milliseconds: what the gate allows. */
export const mostSkewMs = 60_000
const usualRetryMs = 60_000
const mostRetryMs = 3_600_000
const mostAddresses = 3

/** Questions over verified TLS, one after another, each on a connection of its own, with what each step took. */
export class Steps {
  readonly readings: Reading[] = []
  readonly #subject: string
  readonly #means: SignInMeans
  readonly #limits: Limits
  readonly #measured = new Set<Measure>()
  /** By host. */
  readonly #cookies = new Map<string, Map<string, string>>()
  /** How far the clock of a server was ahead of this one's, in milliseconds, with half a second for its rounding. */
  skewMs: number | undefined

  constructor(subject: string, means: SignInMeans, limits: Limits) {
    this.#subject = subject
    this.#means = means
    this.#limits = limits
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#means.net.now()
  }

  /** Any answer of HTTP but 429 and those of 500 and above is one; a redirect is not followed. */
  async ask({ url, what, measure, form, headers = {} }: Ask): Promise<Answer> {
    const place = URL.canParse(url) ? new URL(url) : undefined
    if (place?.protocol !== 'https:' || place.username + place.password !== '') {
      return failed(toldOf('undetermined', `${what} is at no address of HTTPS`, { owner: 'cloud' }))
    }
    const host = unbracketed(place.hostname)
    const opened = await this.#open(host, Number(place.port) || 443)
    if ('outcome' in opened) return { ok: false, outcome: opened.outcome }
    const cookies = [...(this.#cookies.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
    const at = this.now()
    const {
      seen,
      body,
      location,
      cookies: set,
    } = await this.#means.net.exchange(
      opened.socket,
      {
        url,
        address: opened.address,
        method: form === undefined ? 'GET' : 'POST',
        headers: {
          ...(form !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded' }),
          ...(cookies !== '' && { Cookie: cookies }),
          ...headers,
        },
        ...(form !== undefined && { body: form.toString() }),
      },
      this.#limits,
    )
    if (this.#limits.signal.aborted) return { ok: false, outcome: { kind: 'aborted' } }
    if (seen.outcome !== 'response' || seen.status === undefined) return failed(exchangeTold(what, seen.outcome))
    if (measure !== undefined) this.#measure(measure, at, seen.ms)
    this.#keepCookies(host, set)
    this.#holdClock(seen.headers['date'])
    const retryAfterMs = retryAfterOf(seen.headers['retry-after'], this.now())
    if (seen.status === 429) {
      const wait = retryAfterMs ?? usualRetryMs
      const says = `${what} asks to be left alone for ${Math.ceil(wait / 1000)} s (429)`
      return { ok: false, outcome: { kind: 'throttled', says, retryAfterMs: wait } }
    }
    if (seen.status >= 500) {
      const told = statusTold(what, seen.status)
      return { ok: false, outcome: { kind: 'failed', told, ...(retryAfterMs !== undefined && { retryAfterMs }) } }
    }
    const { status, headers: fields } = seen
    return { ok: true, url, status, headers: fields, body, ...(location !== undefined && { location }) }
  }

  /** What servers said of the time, once all is asked: absent where the clocks agree. */
  clockTold(): Told | undefined {
    const { skewMs } = this
    if (skewMs === undefined || Math.abs(skewMs) <= mostSkewMs) return undefined
    const seconds = Math.round(Math.abs(skewMs) / 1000)
    const says = `this machine's clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} that of the tenant, by the Date of its answer`
    return toldOf('clock-skew', says, { confidence: seconds > 300 ? 'likely' : 'possible' })
  }

  async #open(
    name: string,
    port: number,
  ): Promise<
    | { readonly socket: Socket; readonly address: string }
    | { readonly outcome: Exclude<SignInOutcome, { kind: 'well' }> }
  > {
    const { net, names } = this.#means
    const proxy = isLoopbackName(name) ? undefined : this.#means.proxy
    const place = proxy ?? placeOfName(names, { host: name, port })
    const found = await this.#addressesOf(place.host)
    if ('told' in found) return this.#ended(found.told)
    const shown = hostPort(name, port)
    let last = connectTold(shown, 'error')
    for (const address of found.addresses.slice(0, mostAddresses)) {
      const at = this.now()
      const to = { address, port: place.port }
      const { seen, socket } =
        proxy === undefined
          ? await net.connect(to, this.#limits)
          : await net.tunnel({ name: proxy.name, ...to }, { host: name, port }, this.#limits)
      if (socket === undefined) {
        last =
          seen.outcome === 'connected'
            ? toldOf('proxy-name-denied', `the proxy ${proxy?.name ?? ''} opens no tunnel to ${shown}`, {
                confidence: 'possible',
              })
            : connectTold(shown, seen.outcome)
        continue
      }
      this.#measure('connect-ms', at, seen.ms)
      const question = {
        address,
        port: place.port,
        serverName: name,
        alpn: ['http/1.1'],
        fetchIssuers: true,
        ...(proxy !== undefined && { through: { name: proxy.name, ...to } }),
      }
      const shookAt = this.now()
      const shaken = await net.handshake(socket, question, this.#limits)
      if (shaken.socket === undefined) return this.#ended(handshakeTold(shown, shaken.seen.outcome))
      const untrusted = untrustedBy(shaken, shown, this.now())
      if (untrusted !== undefined) {
        shaken.socket.destroy()
        return this.#ended(untrusted)
      }
      this.#measure('tls-ms', shookAt, shaken.seen.ms)
      return { socket: shaken.socket, address }
    }
    return this.#ended(last)
  }

  #ended(told: Told): { readonly outcome: Exclude<SignInOutcome, { kind: 'well' }> } {
    return { outcome: this.#limits.signal.aborted ? { kind: 'aborted' } : { kind: 'failed', told } }
  }

  async #addressesOf(host: string): Promise<{ readonly addresses: readonly string[] } | { readonly told: Told }> {
    const literal = canonicalAddress(host)
    if (literal !== undefined) return { addresses: [literal] }
    const at = this.now()
    const ask = (type: 'A' | 'AAAA') =>
      this.#means.net.lookup(
        { name: host, type, resolver: 'system', resolverRole: 'system', transport: 'udp' },
        this.#limits,
      )
    const [four, six] = await Promise.all([ask('A'), ask('AAAA')])
    const addresses = [...four.answers, ...six.answers]
    if (addresses.length === 0) return { told: lookupTold(host, four.outcome) }
    this.#measure('dns-ms', at, Math.max(four.ms, six.ms))
    return { addresses }
  }

  /** The first of each counts: later ones find names and routes warm. */
  #measure(measure: Measure, at: number, value: number): void {
    if (this.#measured.has(measure)) return
    this.#measured.add(measure)
    this.readings.push({ subject: this.#subject, measure, at, value })
  }

  #keepCookies(host: string, lines: readonly string[]): void {
    const jar = this.#cookies.get(host) ?? new Map<string, string>()
    for (const line of lines.slice(0, 50)) {
      const [, name, value] = /^\s*([^=;\s]+)=([^;\r\n]*)/.exec(line) ?? []
      if (name !== undefined && value !== undefined) jar.set(name, value)
    }
    this.#cookies.set(host, jar)
  }

  #holdClock(date: string | undefined): void {
    const told = Date.parse(date ?? '')
    if (Number.isFinite(told)) this.skewMs ??= told + 500 - this.now()
  }
}

const failed = (told: Told): Answer => ({ ok: false, outcome: { kind: 'failed', told } })

function exchangeTold(what: string, outcome: HttpExchange['outcome']): Told {
  if (outcome === 'timeout') return toldOf('silent-service', `${what} takes the question and gives no answer in time`)
  if (outcome === 'not-http') return toldOf('not-the-service', `${what} is answered by what speaks no HTTP`)
  if (outcome === 'too-large') return toldOf('undetermined', `${what} answers more than is read`, { owner: 'cloud' })
  return toldOf('undetermined', `${what} gives no whole answer: ${outcome}`)
}

type Shaken = Awaited<ReturnType<SignInMeans['net']['handshake']>>

/** A secret goes to nobody whose certificate is not in order. */
function untrustedBy({ seen, verified }: Shaken, place: string, now: number): Told | undefined {
  const leaf = seen.chain[0]
  const sure = { confidence: 'certain' as const }
  if (verified === undefined || leaf === undefined) {
    const more = {
      confidence: 'possible' as const,
      fix: 'Give the missing CA in trust.certificates, or end the inspection of TLS',
    }
    return toldOf('interception-untrusted', `the certificate of ${place} ends in no root that is trusted`, more)
  }
  if (seen.nameMatches !== true) return toldOf('name-mismatch', `the certificate of ${place} is for another name`, sure)
  const late = verified.chain.find(({ notAfter }) => Date.parse(notAfter) < now)
  if (late !== undefined) return toldOf('cert-expired', `a certificate of ${place} expired at ${late.notAfter}`, sure)
  const early = verified.chain.find(({ notBefore }) => Date.parse(notBefore) > now)
  if (early !== undefined) {
    return toldOf('cert-not-yet-valid', `a certificate of ${place} begins at ${early.notBefore}`, sure)
  }
  return undefined
}

const isLoopbackName = (name: string): boolean => name === 'localhost' || name === '::1' || /^127\./.test(name)

/** Seconds, or a date (RFC 9110 §10.2.3); a second to an hour. */
export function retryAfterOf(field: string | undefined, now: number): number | undefined {
  const written = field?.trim() ?? ''
  const ms = /^\d{1,6}$/.test(written) ? Number(written) * 1000 : Date.parse(written) - now
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 1000), mostRetryMs) : undefined
}

/** JSON of an answer; undefined for what is none. */
export function jsonOf({ body }: Pick<Answered, 'body'>): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}
