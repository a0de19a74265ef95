/** Observations of every kind for properties of the judgement, one by one: what the schema allows, and strangers. */
import fc from 'fast-check'
import { observationSchema } from '../src/config/observationSchema.ts'
import type { CertificateFacts } from '../src/model/certificateFacts.ts'
import type { Observation } from '../src/model/observation.ts'
import { variations } from '../src/model/observation.ts'
import { serviceQuestions } from '../src/model/serviceAnswer.ts'
import { datagramAnswers, interfaces, managementAnswers, maybe, serviceAnswers } from './anyAnswer.ts'
import { publishedRoot } from './observed.ts'

// Values come from small sets with a favourite each, so that observations meet each other, with strangers among them.
export const mostly = <T>(favourite: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: others.length, arbitrary: fc.constant(favourite) },
    { weight: others.length, arbitrary: fc.constantFrom(...others) },
  )

type Seen = (typeof observationSchema.options)[number]
type SeenAs<Kind> = Extract<Seen, { shape: { kind: { value: Kind } } }>

/** What the schema lets observations of a kind have. */
function schemaOf<Kind extends Observation['kind']>(kind: Kind): SeenAs<Kind> {
  const found = observationSchema.options.find((one): one is SeenAs<Kind> => one.shape.kind.value === kind)
  if (found === undefined) throw new TypeError(`the schema has nothing for ${kind}`)
  return found
}

const tcpConnect = schemaOf('tcp-connect').shape
const tlsHandshake = schemaOf('tls-handshake').shape
const nameLookup = schemaOf('name-lookup').shape
const revocationCheck = schemaOf('revocation-check').shape

export const addresses = mostly('10.1.0.5', '10.1.0.6', '127.0.0.1', '20.190.128.1', '2001:db8::5', '', 'no address')
const localAddresses = mostly<string | undefined>('10.1.0.10', '10.9.0.2', undefined)
export const names = mostly('login.microsoftonline.com', 'graph.microsoft.com', 'app01.corp.example', 'FGT60F', '', '.')
export const ports = mostly(443, 53, 80, 135, 389, 636, 8443, 49153, 49443)
export const times = fc.constantFrom(
  '2026-11-20T10:00:00.000Z',
  '2020-01-01T00:00:00.000Z',
  '2040-01-01T00:00:00.000Z',
  'no time',
)
const ms = fc.constantFrom(0, 1, 600, 3000)
const code = fc.option(
  fc.constantFrom('ECONNREFUSED', 'EHOSTUNREACH', 'EACCES', 'EPERM', 'ERR_SSL_UNSUPPORTED_PROTOCOL', ''),
  { nil: undefined },
)
const versions = fc.constantFrom('TLSv1', 'TLSv1.2', 'TLSv1.3')
const octets = fc.constantFrom(
  'HTTP/1.1 200 OK\\x0D\\x0A',
  'postern listen 0.1.0 dc01 443/tcp\\x0D\\x0A',
  'SSH-2.0-x',
  '\\x15\\x03\\x03',
  '',
)

const observed = {
  role: mostly('probe' as const, ...tcpConnect.role.exclude(['probe']).options),
  varies: fc.option(fc.constantFrom(...variations), { nil: undefined }),
  at: times,
  ms,
}

const certificate: fc.Arbitrary<CertificateFacts> = fc.record({
  subject: names.map((name) => `CN=${name}`),
  issuer: fc.constantFrom(
    'CN=Corp Inspection CA',
    'CN=Zscaler Root CA',
    'CN=DigiCert Global Root G2',
    'CN=app01.corp.example',
    '',
  ),
  serial: fc.constantFrom('01', '02'),
  sha1: fc.constantFrom('AA', publishedRoot.sha1),
  sha256: fc.constantFrom('AA', 'BB', 'CC'),
  notBefore: times,
  notAfter: times,
  subjectAltNames: fc.array(
    names.map((name) => `dns:${name}`),
    { maxLength: 2 },
  ),
  extendedKeyUsage: mostly<readonly string[]>(
    [],
    ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
    ['1.3.6.1.5.5.7.3.2'],
    ['2.5.29.37.0'],
    ['1.2.3', ''],
  ),
  caIssuers: fc.array(fc.constantFrom('http://ca.test/x.crt', 'no url'), { maxLength: 1 }),
  selfSigned: fc.boolean(),
  from: fc.constantFrom('handshake' as const, 'aia' as const, 'node' as const, 'site' as const),
})

const timeAnswers = fc.oneof(
  fc.record({
    kind: fc.constant('time' as const),
    leap: fc.constantFrom('none' as const, 'unsynchronised' as const),
    version: fc.constantFrom(3, 4),
    stratum: fc.constantFrom(1, 2, 15, 16, 255),
    reference: fc.constantFrom('GPS', '10.1.0.1', ''),
    rootDelayMs: ms,
    rootDispersionMs: ms,
    offsetMs: fc.constantFrom(undefined, 0, -90_000, 3_600_000, Number.MAX_SAFE_INTEGER),
    delayMs: ms,
  }),
  fc.record({ kind: fc.constant('kiss' as const), code: fc.constantFrom('RATE', 'DENY', 'INIT', '') }),
  fc.record({ kind: fc.constantFrom('not-ours' as const, 'unreadable' as const), why: fc.constant('why') }),
)
const upgrades = fc.record({
  offered: fc.constantFrom([], ['amqp']),
  outcome: fc.constantFrom('accepted' as const, 'not-switched' as const, 'not-websocket' as const),
  heard: fc.constantFrom(undefined, 'pong', 'close', 'frame', 'violation', 'ended', 'nothing'),
  trackingId: fc.constantFrom(undefined, '1f2e3d4c_G1'),
})

export const farewells = fc.record({
  heldMs: mostly<number | undefined>(undefined, 600),
  bytesOut: fc.constantFrom(0, 7, 250),
  bytesIn: mostly(0, 7, 4000),
  outcome: mostly('silence' as const, ...tcpConnect.farewell.unwrap().shape.outcome.exclude(['silence']).options),
})

export const connection = fc.record({
  ...observed,
  kind: fc.constant('tcp-connect' as const),
  address: addresses,
  port: ports,
  code,
  outcome: fc.constantFrom(...tcpConnect.outcome.options),
  localAddress: localAddresses,
  proxy: fc.constantFrom(undefined, 'egress'),
  farewell: fc.option(farewells, { nil: undefined }),
})

export const segments = fc.record({ ttl: mostly(63, 64, 62, 128, 0, 255), afterMs: fc.constantFrom(0, 1, 90) })
export const pathTrace = fc.record({
  ...observed,
  kind: fc.constant('path-trace' as const),
  tool: fc.constantFrom('traceroute' as const, 'tracert' as const),
  address: addresses,
  sent: fc.constantFrom('tcp-syn' as const, 'udp' as const, 'icmp-echo' as const),
  port: fc.option(ports, { nil: undefined }),
  hops: fc.array(
    fc.record({
      ttl: fc.constantFrom(1, 2, 3, 4, 20),
      address: fc.option(fc.oneof(addresses, fc.constantFrom('10.1.0.1', '10.2.0.1')), { nil: undefined }),
      ms: fc.constantFrom(undefined, 0, 3),
      says: fc.constantFrom(undefined, undefined, 'net-unreachable', 'host-unreachable', 'prohibited', 'unreachable'),
    }),
    { maxLength: 8 },
  ),
  outcome: fc.constantFrom(...schemaOf('path-trace').shape.outcome.options),
  reply: fc.constantFrom(undefined, 'syn-ack' as const, 'reset' as const),
})
export const packetEvidence = fc.record({
  ...observed,
  kind: fc.constant('packet-evidence' as const),
  of: fc.constantFrom('e1', 'e2', 'e3', 'none'),
  address: addresses,
  port: ports,
  transport: fc.constantFrom('tcp' as const, 'udp' as const),
  sent: fc.constantFrom(0, 1, 3),
  synAck: fc.option(segments, { nil: undefined }),
  rst: fc.option(
    fc
      .tuple(segments, fc.constantFrom('syn-ack' as const, 'payload' as const, 'end' as const))
      .map(([segment, before]) => ({ ...segment, before })),
    { nil: undefined },
  ),
  ownRst: fc.constantFrom(undefined, true as const),
  icmp: fc.array(
    fc.record({
      from: addresses,
      family: fc.constantFrom(4 as const, 6 as const),
      type: fc.constantFrom(1, 2, 3, 11),
      code: fc.constantFrom(0, 1, 3, 4, 13, 99),
    }),
    { maxLength: 2 },
  ),
  resent: fc.constantFrom(undefined, 2),
  lost: fc.constantFrom(undefined, 3),
})

const counts = fc.constantFrom(0, 1, 3, 40, 100)
const connectSeries = fc.record({
  ...observed,
  kind: fc.constant('connect-series' as const),
  address: addresses,
  port: ports,
  asked: fc.constantFrom(...schemaOf('connect-series').shape.asked.options),
  perSecond: fc.constantFrom(0, 10, 20, 80),
  outcome: fc.constantFrom(...schemaOf('connect-series').shape.outcome.options),
  sent: counts,
  prompt: counts,
  repeated: counts,
  late: counts,
  lost: counts,
  refused: counts,
  missedByTenth: fc.array(counts, { maxLength: 10 }),
  roundTripMs: fc.option(fc.record({ least: ms, median: ms, p95: ms, most: ms }), { nil: undefined }),
})

/** What an answer says belongs to an answer. */
export const serviceExchange = fc
  .record({
    ...observed,
    kind: fc.constant('service-exchange' as const),
    through: mostly<string | undefined>(undefined, 'egress'),
    address: addresses,
    port: ports,
    inTls: fc.constantFrom(undefined, true as const),
    asked: fc.constantFrom(...serviceQuestions),
    of: maybe(interfaces),
    outcome: mostly('answer' as const, ...schemaOf('service-exchange').shape.outcome.exclude(['answer']).options),
    code,
    bytesOut: fc.constantFrom(31, 72),
    bytesIn: fc.constantFrom(0, 60, 1106),
    firstOctets: maybe(octets),
    answer: serviceAnswers,
    detail: maybe(fc.constant('the answer to another question')),
  })
  .map(({ answer, ...one }) => (one.outcome === 'answer' ? { ...one, answer } : one))

export const handshake = fc.record({
  ...observed,
  kind: fc.constant('tls-handshake' as const),
  through: mostly<string | undefined>(undefined, 'egress'),
  address: addresses,
  port: ports,
  serverName: names,
  offered: fc.record(
    {
      minVersion: versions,
      maxVersion: versions,
      alpn: fc.constant([]),
      hello: fc.constant('post-quantum' as const),
      helloOctets: fc.constantFrom(391, 1562),
    },
    { requiredKeys: ['minVersion', 'maxVersion', 'alpn'] },
  ),
  outcome: mostly('established' as const, ...tlsHandshake.outcome.exclude(['established']).options),
  alert: fc.option(fc.record({ number: fc.constantFrom(40, 70, 112, 116, 120, 80), name: fc.constant('x') }), {
    nil: undefined,
  }),
  firstOctets: octets,
  code,
  bytesOut: fc.constantFrom(383, 1720),
  bytesIn: fc.constantFrom(0, 7, 4000),
  version: versions,
  chain: fc.array(certificate, { maxLength: 3 }),
  sentCertificates: fc.nat(3),
  anchoredIn: fc.subarray(['node' as const, 'machine' as const, 'site' as const]),
  signaturesVerify: mostly(true, false),
  nameMatches: fc.option(fc.boolean(), { nil: undefined }),
  stapledOcsp: fc.boolean(),
  clientCertificateRequested: fc.constantFrom(undefined, true as const),
})

export const datagram = fc
  .record({
    ...observed,
    kind: fc.constant('udp-exchange' as const),
    address: addresses,
    port: ports,
    outcome: fc.constantFrom(...schemaOf('udp-exchange').shape.outcome.options),
    refusalUnheard: maybe(fc.constant(true as const)),
    bytesOut: fc.nat(),
    bytesIn: fc.nat(),
    time: fc.option(timeAnswers, { nil: undefined }),
    asked: maybe(fc.constantFrom(...serviceQuestions)),
    answer: maybe(datagramAnswers),
    detail: maybe(fc.constant('no answer to it')),
  })
  .map(({ answer, time, ...one }) => (one.outcome === 'answer' ? { ...one, answer, time } : one))

export const httpExchange = fc.record({
  ...observed,
  kind: fc.constant('http-exchange' as const),
  url: fc.constantFrom(
    'https://login.microsoftonline.com/.well-known/openid-configuration',
    'http://crl.microsoft.com/',
    'no url',
    '',
    'login.microsoftonline.com:443',
  ),
  address: addresses,
  through: fc.constantFrom(undefined, 'egress'),
  method: fc.constantFrom('GET' as const, 'CONNECT' as const),
  outcome: fc.constantFrom(...schemaOf('http-exchange').shape.outcome.options),
  status: fc.constantFrom(101, 200, 302, 400, 401, 403, 407, 426, 503, 511),
  headers: fc.constantFrom<Readonly<Record<string, string>>>(
    {},
    { date: 'Fri, 20 Nov 2026 10:00:00 GMT' },
    { date: 'no date', location: 'http://portal.test/' },
    { location: 'no url', 'x-squid-error': 'ERR_DNS_FAIL 0' },
    { 'x-squid-error': 'ERR_ACCESS_DENIED 0', server: 'xxxxxxxx-xxxxx' },
  ),
  firstByteMs: ms,
  body: fc.record({
    kind: fc.constantFrom('json' as const, 'html' as const, 'empty' as const),
    bytes: fc.nat(),
    title: fc.constantFrom('FortiGate', 'Web Page Blocked', ''),
    members: fc.constant({}),
  }),
  upgrade: fc.option(upgrades, { nil: undefined }),
  answer: maybe(managementAnswers),
  firstOctets: octets,
  bytesIn: fc.constantFrom(0, 1, 200),
})

export const unfiled: fc.Arbitrary<Omit<Observation, 'id'>> = fc.oneof(
  fc.record({
    ...observed,
    kind: fc.constant('name-lookup' as const),
    name: names,
    type: fc.constantFrom('A' as const, 'AAAA' as const, 'SRV' as const, 'SOA' as const),
    resolver: fc.constantFrom('10.1.0.5:53', '9.9.9.9:53', '[::1]:53', 'system', ''),
    resolverRole: fc.constantFrom(...nameLookup.resolverRole.exclude(['none']).options),
    transport: fc.constantFrom(...nameLookup.transport.options),
    outcome: fc.constantFrom(...nameLookup.outcome.options),
    authoritative: fc.boolean(),
    truncated: fc.boolean(),
    answers: fc.array(fc.constantFrom('10.1.0.5', '20.190.128.1', '0.0.0.0', 'x'), { maxLength: 2 }),
    aliases: fc.array(names, { maxLength: 1 }),
  }),
  connection,
  packetEvidence,
  fc.oneof(pathTrace, connectSeries),
  datagram,
  handshake,
  serviceExchange,
  httpExchange,
  fc.record({
    ...observed,
    kind: fc.constant('aia-fetch' as const),
    url: fc.constantFrom('http://ca.test/x.crt', 'no url'),
    outcome: fc.constantFrom(...schemaOf('aia-fetch').shape.outcome.options),
  }),
  fc.record(
    {
      ...observed,
      kind: fc.constant('revocation-check' as const),
      method: fc.constantFrom(...revocationCheck.method.options),
      url: fc.constantFrom('http://crl.microsoft.com/a.crl', 'no url'),
      through: fc.constantFrom('egress'),
      subject: fc.constantFrom('CN=app01.corp.example', ''),
      serial: fc.constantFrom('01', ''),
      outcome: fc.constantFrom(...revocationCheck.outcome.options),
      status: fc.constantFrom(407, 503),
      nextUpdate: fc.constantFrom('2026-11-01T00:00:00.000Z', 'no date'),
      revokedAt: fc.constantFrom('2026-11-01T00:00:00.000Z', 'no date'),
      reason: fc.constantFrom('keyCompromise', 'certificateHold'),
      title: fc.constantFrom('Blocked'),
      detail: fc.constantFrom('ECONNREFUSED', 'x was not resolved: name-error'),
      bytesIn: fc.constantFrom(1, 12),
    },
    { requiredKeys: ['kind', 'at', 'ms', 'role', 'method', 'subject', 'serial', 'outcome'] },
  ),
  fc.record({
    ...observed,
    kind: fc.constant('tool-limit' as const),
    limit: fc.constantFrom(...schemaOf('tool-limit').shape.limit.options),
    detail: fc.constant('a limit'),
  }),
) as fc.Arbitrary<Omit<Observation, 'id'>>

/** Observations before they have an id. */
export type Drafts = fc.Arbitrary<readonly object[]>

export const filed = (drafts: Drafts): fc.Arbitrary<readonly Observation[]> =>
  drafts.map((list) => list.map((one, index) => ({ ...one, id: `e${index + 1}` }) as Observation))
