/** Small builders of observations and cases: a scenario names only what matters to it. */

import type { Case } from '../src/diagnose/case.ts'
import type { CertificateFacts, TrustStore } from '../src/model/certificateFacts.ts'
import type { Flow, FlowTarget } from '../src/model/flow.ts'
import type {
  AiaFetch,
  ConnectSeries,
  HttpExchange,
  NameLookup,
  Observation,
  ObservationRole,
  PacketEvidence,
  PathTrace,
  RevocationCheck,
  ServiceExchange,
  TcpConnect,
  TlsHandshake,
  ToolLimit,
  UdpExchange,
  Unfiled,
  Variation,
} from '../src/model/observation.ts'
import type { PathHop } from '../src/model/pathHop.ts'
import type { JudgementContext } from '../src/model/report.ts'
import type { ServiceAnswer, ServiceAnswerOf } from '../src/model/serviceAnswer.ts'

/** An observation before it has an id, with the role it is to be filed under. */
export interface Draft {
  readonly seen: Unfiled
  readonly role: ObservationRole
  readonly varies?: Variation
}

const at = '2026-11-20T10:00:00.000Z'
export const judgedAt = '2026-11-20T10:00:05.000Z'
const common = (ms: number) => ({ at, ms })
const probe = (seen: Unfiled): Draft => ({ seen, role: 'probe' })

export const again = ({ seen }: Draft): Draft => ({ seen, role: 'repeat' })
export const control = (varies: Variation, { seen }: Draft): Draft => ({ seen, role: 'control', varies })
/** What a posture asks of a server that works. */
export const posture = (varies: Variation, { seen }: Draft): Draft => ({ seen, role: 'posture', varies })
export const context = ({ seen }: Draft): Draft => ({ seen, role: 'context' })

export const dc01 = '10.1.0.5'
export const dc02 = '10.1.0.6'
export const gate = '10.1.0.10'

export function tcp(outcome: TcpConnect['outcome'], over: Partial<Unfiled<TcpConnect>> = {}): Draft {
  return probe({
    kind: 'tcp-connect',
    ...common(outcome === 'timeout' ? 3000 : 2),
    address: dc01,
    port: 636,
    outcome,
    ...(outcome === 'connected' && { localAddress: gate }),
    ...over,
  })
}

export function lookup(outcome: NameLookup['outcome'], over: Partial<Unfiled<NameLookup>> = {}): Draft {
  return probe({
    kind: 'name-lookup',
    ...common(4),
    name: 'login.microsoftonline.com',
    type: 'A',
    resolver: '10.1.0.5:53',
    resolverRole: 'internal',
    transport: 'udp',
    outcome,
    answers: [],
    aliases: [],
    ...over,
  })
}

export const outside = (outcome: NameLookup['outcome'], over: Partial<Unfiled<NameLookup>> = {}): Draft =>
  control('resolver', lookup(outcome, { resolver: '9.9.9.9:53', resolverRole: 'control', ...over }))

export function udp(outcome: UdpExchange['outcome'], over: Partial<Unfiled<UdpExchange>> = {}): Draft {
  return probe({
    kind: 'udp-exchange',
    ...common(outcome === 'timeout' ? 3000 : 2),
    address: dc01,
    port: 88,
    outcome,
    bytesOut: 48,
    bytesIn: outcome === 'answer' ? 48 : 0,
    ...over,
  })
}

/** A question of a service's own protocol, by default for the root of a directory, on a connection to a domain controller. */
export function service(outcome: ServiceExchange['outcome'], over: Partial<Unfiled<ServiceExchange>> = {}): Draft {
  return probe({
    kind: 'service-exchange',
    ...common(outcome === 'timeout' ? 3000 : 3),
    address: dc01,
    port: 389,
    asked: 'ldap-root-dse',
    outcome,
    bytesOut: 72,
    bytesIn: outcome === 'answer' || outcome === 'other-protocol' ? 60 : 0,
    ...over,
  })
}

/** What a service said to it. */
export const said = (answer: ServiceAnswer, over: Partial<Unfiled<ServiceExchange>> = {}): Draft =>
  service('answer', { answer, ...over })

/** One interface bound, and where the endpoint mapper says that one is served. */
export const bound = (name: string, port = 135, over: Partial<Unfiled<ServiceExchange>> = {}): Draft =>
  said({ kind: 'rpc-bound', interface: name }, { asked: 'rpc-bind', of: name, port, ...over })
export const mapped = (name: string, ...ports: readonly number[]): Draft =>
  mapping(name, { kind: 'endpoint', interface: name, ports })
/** Another answer to the question where one is served. */
export const mapping = (
  name: string,
  answer: ServiceAnswerOf<'endpoint' | 'no-endpoint' | 'rpc-fault' | 'rpc-refused'>,
): Draft => said(answer, { asked: 'endpoint-map', of: name, port: 135 })

let serials = 0

export function certificate(over: Partial<CertificateFacts> = {}): CertificateFacts {
  serials += 1
  const unique = serials.toString(16).toUpperCase().padStart(64, '0')
  return {
    subject: 'CN=login.microsoftonline.com,O=Microsoft Corporation,C=US',
    issuer: 'CN=DigiCert Global G2 TLS RSA SHA256 2020 CA1,O=DigiCert Inc,C=US',
    serial: unique.slice(-8).toLowerCase(),
    sha1: unique.slice(-40),
    sha256: unique,
    notBefore: '2026-10-01T00:00:00.000Z',
    notAfter: '2027-01-09T00:00:00.000Z',
    subjectAltNames: ['dns:login.microsoftonline.com'],
    caIssuers: [],
    selfSigned: false,
    from: 'handshake',
    ...over,
  }
}

/** A CA whose fingerprint is Microsoft's published one: DigiCert Global Root G2. */
export const publishedRoot = certificate({
  subject: 'CN=DigiCert Global Root G2,OU=www.digicert.com,O=DigiCert Inc,C=US',
  issuer: 'CN=DigiCert Global Root G2,OU=www.digicert.com,O=DigiCert Inc,C=US',
  sha1: 'DF3C24F9BFD666761B268073FE06D1CC8D4F82A4',
  notBefore: '2013-08-01T00:00:00.000Z',
  notAfter: '2038-01-15T00:00:00.000Z',
  selfSigned: true,
  from: 'node',
})

export function root(name: string, from: CertificateFacts['from'] = 'handshake'): CertificateFacts {
  return certificate({
    subject: `CN=${name}`,
    issuer: `CN=${name}`,
    notBefore: '2020-01-01T00:00:00.000Z',
    notAfter: '2040-01-01T00:00:00.000Z',
    selfSigned: true,
    from,
  })
}

export function leaf(name: string, issuer: string, over: Partial<CertificateFacts> = {}): CertificateFacts {
  return certificate({ subject: `CN=${name}`, issuer: `CN=${issuer}`, subjectAltNames: [`dns:${name}`], ...over })
}

export function tls(outcome: TlsHandshake['outcome'], over: Partial<Unfiled<TlsHandshake>> = {}): Draft {
  const established = outcome === 'established'
  return probe({
    kind: 'tls-handshake',
    ...common(outcome === 'timeout' ? 3000 : 7),
    address: '20.190.128.1',
    port: 443,
    serverName: 'login.microsoftonline.com',
    offered: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', alpn: [] },
    outcome,
    bytesOut: 383,
    bytesIn: established ? 3109 : 0,
    chain: [],
    sentCertificates: 0,
    anchoredIn: [],
    signaturesVerify: established,
    stapledOcsp: false,
    ...(established && {
      version: 'TLSv1.3',
      nameMatches: true,
      chain: [certificate(), publishedRoot],
      sentCertificates: 2,
      anchoredIn: ['node', 'machine'] as const,
    }),
    ...over,
  })
}

/** The same handshake without a name (SNI), as of a server that is known by its address alone. */
export function nameless({ seen, ...as }: Draft): Draft {
  if (seen.kind !== 'tls-handshake') throw new TypeError('only a handshake asks for a name')
  const { serverName: _name, nameMatches: _matches, ...rest } = seen
  return { ...as, seen: rest }
}

/** The same flow to a target that is known by its address alone. */
export function withoutName({ target, ...flow }: Flow): Flow {
  const { name: _name, ...where } = target
  return { ...flow, target: where }
}

/** An established handshake with one name, its chain and the stores that hold the root. */
export function shaken(
  serverName: string,
  chain: readonly CertificateFacts[],
  anchoredIn: readonly TrustStore[],
  over: Partial<Unfiled<TlsHandshake>> = {},
): Draft {
  return tls('established', { serverName, chain, anchoredIn, sentCertificates: chain.length, ...over })
}

export function http(outcome: HttpExchange['outcome'], over: Partial<Unfiled<HttpExchange>> = {}): Draft {
  return probe({
    kind: 'http-exchange',
    ...common(outcome === 'timeout' ? 3000 : 9),
    url: 'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration',
    address: '20.190.128.1',
    method: 'GET',
    outcome,
    headers: {},
    body: { kind: outcome === 'response' ? 'json' : 'empty', bytes: 0, members: {} },
    ...(outcome === 'response' && { status: 200, firstByteMs: 8 }),
    ...over,
  })
}

/** Where the proxy `egress` of a site listens. */
export const egress = { address: '10.1.0.9', port: 3128 } as const

/** A connection to the proxy itself. */
export const toProxy = (outcome: TcpConnect['outcome'], over: Partial<Unfiled<TcpConnect>> = {}): Draft =>
  tcp(outcome, { ...egress, proxy: 'egress', ...over })

/** What the proxy said to the wish for a tunnel to `host:port`. */
export const tunnel = (
  status: number,
  authority = 'login.microsoftonline.com:443',
  over: Partial<Unfiled<HttpExchange>> = {},
): Draft =>
  http('response', {
    url: authority,
    address: egress.address,
    method: 'CONNECT',
    through: 'egress',
    status,
    body: { kind: 'empty', bytes: 0, members: {} },
    ...over,
  })

/** Plain HTTP that the proxy was asked for by its whole URL. */
export const proxiedGet = (status: number, url: string, over: Partial<Unfiled<HttpExchange>> = {}): Draft =>
  http('response', { url, address: egress.address, through: 'egress', status, ...over })

/** A handshake in the tunnel. */
export const throughTunnel = (outcome: TlsHandshake['outcome'], over: Partial<Unfiled<TlsHandshake>> = {}): Draft =>
  tls(outcome, { ...egress, through: 'egress', ...over })

export function aia(outcome: AiaFetch['outcome'], over: Partial<Unfiled<AiaFetch>> = {}): Draft {
  return probe({ kind: 'aia-fetch', ...common(20), url: 'http://ca.corp.example/issuing.crt', outcome, ...over })
}

/** What one way told of a certificate: by its list, unless told otherwise; a stapled answer has no address. */
export function state(
  { subject, serial }: Pick<CertificateFacts, 'subject' | 'serial'>,
  outcome: RevocationCheck['outcome'],
  over: Partial<Unfiled<RevocationCheck>> = {},
): Draft {
  const seen = { kind: 'revocation-check', ...common(20), method: 'crl', subject, serial, outcome } as const
  const at = over.method === 'staple' ? {} : { url: 'http://crl.corp.example/issuing.crl' }
  return probe({ ...seen, ...at, ...over })
}

/** What packets show of the attempt that has this id: one SYN, and nothing that came. */
export function packets(of: string, over: Partial<Unfiled<PacketEvidence>> = {}): Draft {
  const place = { address: dc01, port: 636, transport: 'tcp' } as const
  return probe({ kind: 'packet-evidence', ...common(2), of, ...place, sent: 1, icmp: [], ...over })
}

/** A hundred connections to the app, ten a second, that all stood at once. */
export function series(over: Partial<Unfiled<ConnectSeries>>): Draft {
  const count = { sent: 100, prompt: 100, repeated: 0, late: 0, lost: 0, refused: 0 }
  return {
    role: 'control',
    seen: {
      kind: 'connect-series',
      ...common(9900),
      address: '10.1.0.20',
      port: 8443,
      asked: 'loss',
      perSecond: 10,
      outcome: 'whole',
      ...count,
      missedByTenth: Array.from({ length: 10 }, () => 0),
      roundTripMs: { least: 0.2, median: 0.4, p95: 0.7, most: 1.2 },
      ...over,
    },
  }
}

/**
 * A path that was traced, by who answers for each time to live; an empty text is silence. By a SYN to 636, unless told
 * otherwise.
 */
export function path(hops: readonly (string | PathHop)[], over: Partial<Unfiled<PathTrace>> = {}): Draft {
  const [tool, sent] = ['traceroute', 'tcp-syn'] as const
  const place = { address: dc01, ...(over.sent !== 'icmp-echo' && { port: 636 }) }
  const seen = hops.map((hop, at): PathHop => {
    if (typeof hop !== 'string') return hop
    return { ttl: at + 1, ...(hop !== '' && { address: hop, ms: at + 1 }) }
  })
  const end = hops.includes(over.address ?? dc01) ? 'reached' : 'silent'
  return control(
    'time-to-live',
    probe({ kind: 'path-trace', ...common(40), tool, sent, ...place, hops: seen, outcome: end, ...over }),
  )
}

export function limit(kind: ToolLimit['limit'], detail = 'a limit of this machine'): Draft {
  return probe({ kind: 'tool-limit', ...common(0), limit: kind, detail })
}

/** Numbers drafts in their order: `e1`, `e2` and so on. */
export function filed(drafts: readonly Draft[]): readonly Observation[] {
  return drafts.map(({ seen, role, varies }, index) => ({
    id: `e${index + 1}`,
    role,
    ...(varies !== undefined && { varies }),
    ...seen,
  }))
}

export type FlowParts = Partial<Omit<Flow, 'target'>> & { readonly target?: Partial<FlowTarget> }

/** LDAP over TLS from the Connect server to a domain controller, unless told otherwise. */
export function flowOf({ target, ...parts }: FlowParts = {}): Flow {
  return {
    flow: 't1-ldaps',
    from: 'connect01',
    fromRole: 'entra-connect',
    fromAddresses: ['10.1.0.10'],
    to: 'dc01',
    toRole: 'domain-controller',
    necessity: 'required',
    expect: 'open',
    direction: 'internal',
    table: '1',
    purpose: 'reads the directory',
    requiredWhen: 'always',
    features: [],
    unsettled: [],
    notes: [],
    source: 'a page',
    asOf: '2025-04-09',
    ...parts,
    target: { name: 'dc01.corp.example', address: dc01, port: 636, transport: 'tcp', service: 'ldaps', ...target },
  }
}

/** Sign-in over HTTPS to a name of Microsoft's. */
export function cloudFlow({ target, ...parts }: FlowParts = {}): Flow {
  const { address: _none, ...named } = flowOf({
    flow: 't1-https',
    to: 'entra-id',
    toRole: 'entra-id',
    direction: 'outbound-internet',
    ...parts,
    target: { name: 'login.microsoftonline.com', port: 443, service: 'https' },
  }).target
  return {
    ...flowOf({ flow: 't1-https', to: 'entra-id', toRole: 'entra-id', direction: 'outbound-internet', ...parts }),
    target: { ...named, ...target },
  }
}

/** HTTPS to the company's own app. */
export function appFlow({ target, ...parts }: FlowParts = {}): Flow {
  return flowOf({
    flow: 'own-app',
    to: 'app01',
    toRole: 'published-app',
    ...parts,
    target: { name: 'app01.corp.example', address: '10.1.0.20', port: 8443, service: 'https', ...target },
  })
}

export function caseOf(flow: Flow, drafts: readonly Draft[], known: Partial<JudgementContext> = {}): Case {
  return {
    flow,
    observations: filed(drafts),
    context: { judgedAt, cloud: 'worldwide', trusted: [], names: {}, ...known },
  }
}
