import type { SecureContext } from 'node:tls'
import { createSecureContext } from 'node:tls'
import type { BoundedFetch } from './boundedFetch.ts'
import { createBoundedFetch, FetchFailed, trustedRoots } from './boundedFetch.ts'
import type { DialFailure, NamedPlace } from './dialNamed.ts'
import type { Limits } from './net.ts'
import type { ProxyCredentials } from './proxy.ts'
import type { FramesSent, FrameTransport } from './sendFrames.ts'
import { sendFrames } from './sendFrames.ts'
import type { MailMessage, MailSent, MailServer } from './sendMail.ts'

export interface OutletNetOptions {
  /** `names:` of the site file: `name` or `name:port` to `address`, `address:port` or `:port`. */
  readonly names: Readonly<Record<string, string>>
  /** PEM texts of CAs of the site, besides those that this machine and Node trust. */
  readonly trust: readonly string[]
  /** Said to every HTTP server that is asked: `postern/0.1.0`. */
  readonly userAgent: string
  /** Said to mail servers: a host name, or an address in brackets. */
  readonly ownName: string
  /** Ends everything that is under way. */
  readonly signal: AbortSignal
}

/** A body that is brought to a server. */
export interface Posting {
  /** `https:` or `http:`; it may be a secret by itself, and is in nothing that comes back. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The proxy that it goes through; absent: none. */
  readonly proxy?: { readonly url: string; readonly credentials?: ProxyCredentials }
}

export type Posted =
  | {
      readonly kind: 'answer'
      readonly status: number
      /** The beginning of the body, up to 64 KiB, in the other side's own words. */
      readonly body: string
      readonly retryAfter?: string
    }
  | DialFailure

/** What outlets send by. Everything answers with a value, whatever the network does. */
export interface OutletNet {
  /** One POST; a redirect is an answer like any other. */
  post(posting: Posting, limits: Limits): Promise<Posted>
  mail(server: MailServer, message: MailMessage, limits: Limits): Promise<MailSent>
  frames(
    transport: FrameTransport,
    place: NamedPlace,
    frames: readonly Uint8Array[],
    limits: Limits,
  ): Promise<FramesSent>
  close(): Promise<void>
}

const longestMs = 60_000
const mostOctets = 65_536

/** The way out for alerts and events; one for a process is enough. Limits are at most 60,000 ms. */
export function createOutletNet(options: OutletNetOptions): OutletNet {
  const { names, trust, userAgent, ownName } = options
  const fetchers = new Map<string, BoundedFetch>()
  /** One for each proxy, and one for what goes straight: as many as the settings name. */
  const fetcherBy = (proxy: Posting['proxy']): BoundedFetch => {
    const key = JSON.stringify([proxy?.url, proxy?.credentials?.user, proxy?.credentials?.password])
    const known = fetchers.get(key)
    if (known !== undefined) return known
    const fetcher = createBoundedFetch({
      ...{ hosts: 'any', names, trust, userAgent, timeoutMs: longestMs, mostOctets, signal: options.signal },
      ...{ cutsLong: true, asksPlain: true, ...(proxy !== undefined && { proxy }) },
    })
    fetchers.set(key, fetcher)
    return fetcher
  }
  let made: SecureContext | undefined
  const secureContext = (): SecureContext => {
    made ??= createSecureContext({ ca: trustedRoots(trust), minVersion: 'TLSv1.2' })
    return made
  }
  const within = ({ signal, timeoutMs }: Limits): Limits => ({
    signal: AbortSignal.any([options.signal, signal]),
    timeoutMs,
  })
  return {
    async post({ url, headers, body, proxy }, { signal, timeoutMs }) {
      try {
        const answer = await fetcherBy(proxy).fetch(url, { method: 'POST', headers, body, signal, timeoutMs })
        const retryAfter = answer.headers.get('retry-after')
        return {
          kind: 'answer',
          status: answer.status,
          body: await answer.text(),
          ...(retryAfter !== null && { retryAfter }),
        }
      } catch (error) {
        if (!(error instanceof FetchFailed)) throw error
        return { kind: 'failed', why: whyOf(error), says: error.message }
      }
    },
    async mail(server, message, limits) {
      // Loaded by whoever has a mail to send, and by nobody else.
      const { sendMail } = await import('./sendMail.ts')
      return sendMail(server, message, within(limits), { names, secureContext, ownName })
    },
    frames: (transport, place, frames, limits) =>
      sendFrames(transport, place, frames, within(limits), { names, secureContext }),
    async close() {
      for (const fetcher of fetchers.values()) await fetcher.close()
    },
  }
}

function whyOf({ why }: FetchFailed): DialFailure['why'] {
  return why === 'timed-out' || why === 'aborted' || why === 'untrusted' ? why : 'unreachable'
}
