import type { Observation, ObservationRole, Unfiled, Variation } from '../model/observation.ts'
import type { Scheme } from '../model/service.ts'
import type { Limits, Net } from '../net/net.ts'

/** What a probe is asked: one service at one address. Everything a probe may know of the flow is here. */
export interface Question {
  readonly scheme: Scheme
  /** The name to speak of: SNI, Host, the DNS zone. Absent for a bare address. */
  readonly name?: string
  /** Canonical RFC 5952 text; the one address that is dialled: the proxy's where the question goes through one. */
  readonly address: string
  readonly port: number
  readonly transport: 'tcp' | 'udp'
  /** The HTTP proxy that the question goes through, by its name in the site, and its port. It resolves `name`, not we. */
  readonly via?: { readonly proxy: string; readonly port: number }
  /** The path of an HTTP request; absent: the service's usual one. */
  readonly path?: string
  /** Where the app sends a browser to sign in is looked for (`https`); `port` is the one that its users know it by. */
  readonly signIn?: { readonly port: number }
  /** The AD domain to ask a name server for (`dns`); absent: the root. */
  readonly domain?: string
  /** Service records that a name server of the domain must have (`dns`), such as `_ldap._tcp.dc._msdcs.corp.example`. */
  readonly serviceRecords?: readonly string[]
}

/** Takes an observation into the report the moment it is made, so that an abort loses nothing. */
export type Keep = (seen: Unfiled, as?: { role?: ObservationRole; varies?: Variation }) => Observation

/** Asks one question and keeps what it sees; returns when nothing of it is open any more. */
export type Observe = (question: Question, net: Net, keep: Keep, limits: Limits) => Promise<void>

/** One protocol's smallest unauthenticated proof. It observes and never judges. */
export interface Probe {
  readonly scheme: Scheme
  /** What it sends, in one line, for the people who read the target's logs. */
  readonly sends: string
  /** What it proves when all goes well. */
  readonly proves: string
  /** What it cannot prove. */
  readonly limits: string
  /** The transports it can be asked over. */
  readonly transports: readonly ('tcp' | 'udp')[]
  /** A TARGET that shows it: `https://login.microsoftonline.com`. */
  readonly example: string
  readonly observe: Observe
}
