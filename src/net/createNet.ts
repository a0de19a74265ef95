import { randomBytes } from 'node:crypto'
import { askOctets } from './askOctets.ts'
import { askTime } from './askTime.ts'
import { createChainFollower } from './chain.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { connect } from './connect.ts'
import { datagram } from './datagram.ts'
import { exchange } from './exchange.ts'
import { farewell } from './farewell.ts'
import { fetchIssuers } from './fetchIssuers.ts'
import { handshake } from './handshake.ts'
import { lookup } from './lookup.ts'
import type { Net } from './net.ts'
import type { OwnLag } from './ownLag.ts'
import { createOwnLag } from './ownLag.ts'
import { createPlatformResolver } from './platformResolver.ts'
import { ownTraits } from './platformTraits.ts'
import type { ProxyCredentials } from './proxy.ts'
import { basicOf, connectThrough } from './proxy.ts'
import { createRevocationDesk } from './revocation.ts'
import { formsOfSecret, withoutEcho } from './secretForms.ts'
import { createSecureContexts } from './secureContexts.ts'
import { sources } from './sources.ts'
import type { TrustMaterial } from './trustStores.ts'
import { createTrustStores } from './trustStores.ts'
import { upgrade } from './upgrade.ts'
import { checkWithout, exchangeWithout, fetchWithout, handshakeWithout } from './withoutSecrets.ts'

export interface NetOptions {
  /** What a chain may end in; a store that is not given is read from the platform at the first handshake. */
  readonly trust: TrustMaterial
  /** Said to every HTTP server that is asked: `postern/0.1.0`. */
  readonly userAgent: string
  /** `names:` of the site file, which say where issuers and revocation lists are fetched as well; default none. */
  readonly names?: Readonly<Record<string, string>>
  /** Who asks, of each proxy that wants to know, by the proxy's name; default nobody. */
  readonly proxyCredentials?: Readonly<Record<string, ProxyCredentials>>
  /** Octets of an HTTP body that are read, 1 or more; default 1048576. */
  readonly maxBodyBytes?: number
  /** Default: the machine's clocks. */
  readonly clock?: Clock
  /** Says for how long this process did not look; default: watched by a timer. */
  readonly lag?: OwnLag
  /** As many unguessable octets as are asked for; default: the platform's generator. */
  readonly random?: (octets: number) => Uint8Array
}

const defaultMaxBodyBytes = 1_048_576

/**
 * The wire itself. What it learns of certificates, and the TLS contexts that it makes, live as long as it does: one
 * for a process is enough.
 *
 * @throws Error when a certificate of `trust.site` cannot be read
 */
export function createNet(options: NetOptions): Net {
  const { trust, userAgent, names = {}, maxBodyBytes = defaultMaxBodyBytes, clock = systemClock } = options
  const random = options.random ?? randomBytes
  const lag = options.lag ?? createOwnLag()
  const credentials = (proxy: string): ProxyCredentials | undefined => options.proxyCredentials?.[proxy]
  // What a proxy was shown it may show to others, and those send it back.
  const secrets = Object.values(options.proxyCredentials ?? {}).map(formsOfSecret)
  const stores = createTrustStores(trust)
  const chains = createChainFollower(stores, () => clock.now())
  const contexts = createSecureContexts()
  const platform = createPlatformResolver()
  const octetTools = { clock, random, platform, userAgent, names, credentials }
  const desk = createRevocationDesk(octetTools)
  const exchanged: Net['exchange'] = async (over, question, limits) => {
    const known = question.proxy === undefined ? undefined : credentials(question.proxy)
    const proxyAuthorization = known && `Basic ${basicOf(known)}`
    const tools = {
      clock,
      userAgent,
      maxBodyBytes,
      ...(proxyAuthorization !== undefined && { proxyAuthorization }),
    }
    const answered = await timed(lag, 'whole', () => exchange(over, question, limits, tools))
    const { seen, body, location, cookies } = answered
    return {
      seen: exchangeWithout(seen, secrets),
      body,
      ...(location !== undefined && { location: withoutEcho(location, secrets) }),
      cookies,
    }
  }
  return {
    prepare: () => stores.read(),
    now: () => clock.now(),
    ...(ownTraits.refusalMs !== undefined && { refusalMs: ownTraits.refusalMs }),
    random: (octets) => random(octets),
    lookup: (question, limits) => lookup(question, limits, { clock, random, platform }),
    connect: (to, limits) => timed(lag, 'end', () => connect(to, limits, clock)),
    sources,
    farewell: (over, said, limits, heldMs) => farewell(over, said, limits, clock, heldMs),
    askOctets: (over, question, limits) => askOctets(over, question, limits, clock),
    datagram: (to, payload, limits, isOurs) => datagram(to, payload, limits, clock, isOurs),
    askTime: (to, limits) => askTime(to, limits, { clock, random }),
    async upgrade(over, question, limits) {
      return exchangeWithout(await upgrade(over, question, limits, { clock, userAgent, random }), secrets)
    },
    exchange: exchanged,
    request: async (over, question, limits) => (await exchanged(over, question, limits)).seen,
    async tunnel(proxy, { host, port }, limits) {
      const { connected, seen, answer } = await connectThrough(
        proxy,
        host,
        port,
        credentials(proxy.name),
        limits,
        clock,
      )
      return {
        seen: { ...connected, proxy: proxy.name },
        ...(seen !== undefined && { asked: { ...exchangeWithout(seen, secrets), through: proxy.name } }),
        ...(answer.kind === 'established' && { socket: answer.socket }),
      }
    },
    async handshake(over, question, limits) {
      const shaken = await timed(lag, 'whole', () => handshake(over, question, limits, { clock, contexts, chains }))
      const { sent, followed, socket, staple } = shaken
      const seen = handshakeWithout(shaken.seen, secrets)
      if (socket === undefined) return { seen, fetched: [] }
      const isShort = question.fetchIssuers === true && followed.open !== undefined
      const completed = isShort
        ? await fetchIssuers(sent, followed, limits, { ...octetTools, chains }, question.through)
        : undefined
      const { chain, anchoredIn, signaturesVerify, certificates } = completed?.followed ?? followed
      const isVerified = signaturesVerify && anchoredIn.length > 0
      return {
        seen: completed === undefined ? seen : { ...seen, chain, anchoredIn, signaturesVerify },
        fetched: (completed?.fetched ?? []).map((one) => fetchWithout(one, secrets)),
        socket,
        ...(isVerified && { verified: { chain, certificates, anchoredIn, ...(staple !== undefined && { staple }) } }),
      }
    },
    async revocation(chain, limits, through) {
      const told = await desk.ask(chain, limits, through)
      return told.map((one) => checkWithout(one, secrets))
    },
  }
}

/** What was seen, with for how much of the time this process did not look. */
async function timed<R extends { readonly seen: object }>(
  lag: OwnLag,
  counts: 'whole' | 'end',
  work: () => Promise<R>,
): Promise<R> {
  const { done, ownLagMs } = await lag.during(work, counts)
  return ownLagMs === undefined ? done : { ...done, seen: { ...done.seen, ownLagMs } }
}
