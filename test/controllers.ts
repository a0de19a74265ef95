/** What domain controllers say of themselves in their own protocols: a scenario names only what matters to it. */
import type { Flow } from '../src/model/flow.ts'
import type { ServiceExchange, UdpExchange, Unfiled } from '../src/model/observation.ts'
import type { Service } from '../src/model/service.ts'
import type {
  KerberosError,
  Netlogon,
  RootDse,
  ServiceAnswer,
  ServiceQuestion,
  Smb,
} from '../src/model/serviceAnswer.ts'
import type { Draft } from './observed.ts'
import { flowOf, said, tcp, udp } from './observed.ts'

const at = '2026-11-20T10:00:00.000Z'

const askedBy: Readonly<Partial<Record<ServiceAnswer['kind'], ServiceQuestion>>> = {
  'kerberos-error': 'kerberos-as-request',
  'root-dse': 'ldap-root-dse',
  smb: 'smb2-negotiate',
}

/** An answer over a connection to a port. */
export const saidAt = (port: number, answer: ServiceAnswer, over: Partial<Unfiled<ServiceExchange>> = {}): Draft =>
  said(answer, { port, asked: askedBy[answer.kind] ?? 'ldap-root-dse', ...over })

/** An answer by datagram. */
export const saidByUdp = (port: number, answer: ServiceAnswer, over: Partial<Unfiled<UdpExchange>> = {}): Draft =>
  udp('answer', { port, asked: askedBy[answer.kind] ?? 'netlogon-ping', answer, ...over })

export const connected = (port: number): Draft => tcp('connected', { port })

/** As a domain controller of corp.example answers; each differs from it by what is given. */
export const rootDse = (over: Partial<RootDse> = {}): RootDse => ({
  kind: 'root-dse',
  activeDirectory: true,
  dnsHostName: 'dc01.corp.example',
  domain: 'corp.example',
  forest: 'corp.example',
  site: 'HQ',
  currentTime: at,
  skewMs: 120,
  synchronized: true,
  globalCatalogReady: true,
  saslMechanisms: ['GSSAPI', 'GSS-SPNEGO'],
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
  site: 'HQ',
  clientSite: 'HQ',
  flags: ['gc', 'kdc', 'timeserv', 'closest', 'writable', 'ws'],
  ...over,
})

export const kerberosError = (over: Partial<KerberosError> = {}): KerberosError => ({
  kind: 'kerberos-error',
  code: 6,
  name: 'KDC_ERR_C_PRINCIPAL_UNKNOWN',
  realm: 'CORP.EXAMPLE',
  serverTime: at,
  skewMs: 40,
  ...over,
})

export const smb = (over: Partial<Smb> = {}): Smb => ({
  kind: 'smb',
  dialect: '3.1.1',
  signing: 'required',
  serverGuid: '00316364-0000-0000-0000-000000000000',
  mechanisms: ['Kerberos', 'NTLM'],
  ...over,
})

/** A flow to a service of a domain controller of the site. */
export const toController = (service: Service, port: number, transport: 'tcp' | 'udp' = 'tcp'): Flow =>
  flowOf({ flow: `ad-${service}`, target: { service, port, transport } })
