import type { Service } from '../model/service.ts'
import { pages } from './pages.ts'
import { revocationHosts } from './tls.ts'

/** How long a client of a service waits, as its maker documents it. */
export interface ClientTimeout {
  /** Services whose clients wait so. */
  readonly services: readonly Service[]
  /** Hosts that they wait so for; absent: whichever serves it. */
  readonly hosts?: readonly string[]
  /** Completes `the 10 s that ...`. */
  readonly waits: string
  readonly waitMs: number
  /** Round trips that have to end within the wait, at least. */
  readonly roundTrips: number
  /** Where it is raised, if it can be. */
  readonly setting?: string
  readonly source: string
}

/**
 * From when on each round trip is long, whoever the client is. Most makers, and Microsoft for Connect Sync and the agents,
 * publish no wait; what is published of the others lies far above.
 */
export const longRoundTrip = Object.freeze({
  roundTripMs: 500,
  /** Completes `a round trip of 500 ms is long: `. */
  why: 'light in fibre is halfway around the earth and back in 200 ms, so that no wired path takes so long by its length; a message and its answer by a geostationary satellite take 479 to 558 ms and what the ground stations need. A first request over TLS takes three round trips or four, which is two seconds then, before the service has done anything',
  source: 'RFC 2488 §2 (239.6 to 279.0 ms from station to station); ITU-T G.114, annex A (5 µs a kilometre of fibre)',
})

/**
 * Waits of the clients that the plan speaks of, with their defaults. Those of whom no page of the maker tells one (Connect
 * Sync and the agents, for their calls to the cloud) are not here: for them there is {@link longRoundTrip} alone.
 */
export const clientTimeouts: readonly ClientTimeout[] = Object.freeze([
  {
    services: ['kerberos'],
    waits: 'Windows waits for an answer of a KDC',
    waitMs: 10_000,
    // Since Windows Vista Kerberos goes over TCP: a connection and a question.
    roundTrips: 2,
    setting: 'KdcWaitTime below HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\Parameters',
    source:
      'https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-protocol-registry-kdc-configuration-keys',
  },
  {
    services: ['http'],
    hosts: [...new Set([...revocationHosts.crl, ...revocationHosts.ocsp])],
    waits: 'Windows waits for one revocation list or answer (20 s for all of a chain)',
    waitMs: 15_000,
    roundTrips: 2,
    setting: 'the default URL retrieval timeout of Certificate Path Validation Settings in the group policy',
    source: 'wincrypt.h of the Windows SDK: CERT_CHAIN_URL_RETRIEVAL_TIMEOUT_MILLISECONDS_DEFAULT',
  },
  {
    services: ['ldap', 'ldaps', 'gc', 'gcs'],
    waits: 'the LDAP client of Windows lets pass in silence before it pings the server',
    waitMs: 120_000,
    roundTrips: 1,
    source: pages.windowsPorts.source,
  },
] satisfies readonly ClientTimeout[])

/** What is documented of the clients of a service at a host; undefined where nothing is. */
export function clientTimeoutOf(service: Service, host: string | undefined): ClientTimeout | undefined {
  return clientTimeouts.find(
    ({ services, hosts }) => services.includes(service) && (hosts === undefined || hosts.includes(host ?? '')),
  )
}
