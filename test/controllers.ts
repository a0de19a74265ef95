/** What domain controllers say of themselves in their own protocols: a scenario names only what matters to it. */
import type { Flow } from '../src/model/flow.ts'
import type { ServiceExchange, UdpExchange, Unfiled } from '../src/model/observation.ts'
import type { Service } from '../src/model/service.ts'
import type { KerberosError, Netlogon, RootDse, ServiceAnswer, ServiceQuestion } from '../src/model/serviceAnswer.ts'
import type { Draft } from './observed.ts'
import { dc01, flowOf, tcp, udp } from './observed.ts'

const common = { at: '2026-11-20T10:00:00.000Z', ms: 2, bytesOut: 60, bytesIn: 240 }

const askedBy: Readonly<Partial<Record<ServiceAnswer['kind'], ServiceQuestion>>> = {
  'kerberos-error': 'kerberos-as-request',
  'root-dse': 'ldap-root-dse',
  smb: 'smb2-negotiate',
}

/** An answer over a connection. */
export const said = (port: number, answer: ServiceAnswer, over: Partial<Unfiled<ServiceExchange>> = {}): Draft => ({
  role: 'probe',
  seen: {
    kind: 'service-exchange',
    ...common,
    address: dc01,
    port,
    asked: askedBy[answer.kind] ?? 'ldap-root-dse',
    outcome: 'answer',
    answer,
    ...over,
  },
})

/** An answer by datagram. */
export const saidByUdp = (port: number, answer: ServiceAnswer, over: Partial<Unfiled<UdpExchange>> = {}): Draft =>
  udp('answer', { port, asked: askedBy[answer.kind] ?? 'netlogon-ping', answer, ...over })

export const connected = (port: number): Draft => tcp('connected', { port })

export const rootDse = (over: Partial<RootDse> = {}): RootDse => ({
  kind: 'root-dse',
  activeDirectory: true,
  dnsHostName: 'dc01.corp.example',
  domain: 'corp.example',
  forest: 'corp.example',
  currentTime: '2026-11-20T10:00:00.000Z',
  skewMs: 500,
  synchronized: true,
  globalCatalogReady: true,
  saslMechanisms: ['GSSAPI'],
  startTls: true,
  ...over,
})

export const netlogon = (over: Partial<Netlogon> = {}): Netlogon => ({
  kind: 'netlogon',
  state: 'up',
  domain: 'corp.example',
  forest: 'corp.example',
  host: 'dc01.corp.example',
  netbiosDomain: 'CORP',
  site: 'hq',
  clientSite: 'hq',
  flags: ['gc', 'kdc', 'timeserv', 'closest', 'writable', 'ws'],
  ...over,
})

export const unknownPrincipal = (over: Partial<KerberosError> = {}): KerberosError => ({
  kind: 'kerberos-error',
  code: 6,
  name: 'KDC_ERR_C_PRINCIPAL_UNKNOWN',
  realm: 'CORP.EXAMPLE',
  serverTime: '2026-11-20T10:00:00.000Z',
  skewMs: 3,
  ...over,
})

/** A flow to a service of a domain controller of the site. */
export const toController = (service: Service, port: number, transport: 'tcp' | 'udp' = 'tcp'): Flow =>
  flowOf({ flow: `ad-${service}`, target: { service, port, transport } })
