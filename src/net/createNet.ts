import { randomBytes } from 'node:crypto'
import { createChainFollower } from './chain.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { connect } from './connect.ts'
import { datagram } from './datagram.ts'
import { exchange } from './exchange.ts'
import { fetchIssuers } from './fetchIssuers.ts'
import { handshake } from './handshake.ts'
import { lookup } from './lookup.ts'
import type { Net } from './net.ts'
import { createSecureContexts } from './secureContexts.ts'
import type { TrustMaterial } from './trustStores.ts'
import { createTrustStores } from './trustStores.ts'

export interface NetOptions {
  /** What a chain may end in; a store that is not given is read from the platform at the first handshake. */
  readonly trust: TrustMaterial
  /** Said to every HTTP server that is asked: `postern/0.1.0`. */
  readonly userAgent: string
  /** `names:` of the site file, which say where issuers of certificates are fetched as well; default none. */
  readonly names?: Readonly<Record<string, string>>
  /** Octets of an HTTP body that are read, 1 or more; default 1048576. */
  readonly maxBodyBytes?: number
  /** Default: the machine's clocks. */
  readonly clock?: Clock
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
  const stores = createTrustStores(trust)
  const chains = createChainFollower(stores)
  const contexts = createSecureContexts()
  return {
    prepare: () => stores.read(),
    now: () => clock.now(),
    lookup: (question, limits) => lookup(question, limits, { clock, random }),
    connect: (to, limits) => connect(to, limits, clock),
    datagram: (to, payload, limits) => datagram(to, payload, limits, clock),
    async request(over, question, limits) {
      const { seen } = await exchange(over, question, limits, { clock, userAgent, maxBodyBytes })
      return seen
    },
    async handshake(over, question, limits) {
      const { seen, sent, followed, socket } = await handshake(over, question, limits, { clock, contexts, chains })
      const given = socket === undefined ? { seen } : { seen, socket }
      if (socket === undefined || question.fetchIssuers !== true || followed.open === undefined) {
        return { ...given, fetched: [] }
      }
      const completed = await fetchIssuers(sent, followed, limits, { clock, random, userAgent, names, chains })
      const { chain, anchoredIn, signaturesVerify } = completed.followed
      return { ...given, seen: { ...seen, chain, anchoredIn, signaturesVerify }, fetched: completed.fetched }
    },
  }
}
