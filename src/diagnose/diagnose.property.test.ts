import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { flowOf, publishedRoot } from '../../test/observed.ts'
import { confidences, owners } from '../model/cause.ts'
import { clouds } from '../model/cloud.ts'
import type { Flow } from '../model/flow.ts'
import { necessities } from '../model/flow.ts'
import type { CertificateFacts, Observation } from '../model/observation.ts'
import { variations } from '../model/observation.ts'
import type { JudgementContext } from '../model/report.ts'
import { services } from '../model/service.ts'
import { verdictKinds } from '../model/verdict.ts'
import { causeRows } from './causes.ts'
import { diagnose, rules, rulesThroughProxy } from './diagnose.ts'
import { isToBeAsked } from './rule.ts'
import { lookAt } from './seen.ts'

// Values come from small sets with a favourite each, so that observations meet each other, with strangers among them.
const mostly = <T>(favourite: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: others.length, arbitrary: fc.constant(favourite) },
    { weight: others.length, arbitrary: fc.constantFrom(...others) },
  )
const addresses = mostly('10.1.0.5', '10.1.0.6', '127.0.0.1', '20.190.128.1', '2001:db8::5', '', 'no address')
const names = mostly('login.microsoftonline.com', 'graph.microsoft.com', 'app01.corp.example', 'FGT60F', '', '.')
const ports = mostly(443, 53, 80, 389, 636, 8443)
const times = fc.constantFrom(
  '2026-11-20T10:00:00.000Z',
  '2020-01-01T00:00:00.000Z',
  '2040-01-01T00:00:00.000Z',
  'no time',
)
const ms = fc.constantFrom(0, 1, 600, 3000)
const code = fc.option(fc.constantFrom('ECONNREFUSED', 'EHOSTUNREACH', 'EACCES', 'ERR_SSL_UNSUPPORTED_PROTOCOL', ''), {
  nil: undefined,
})
const versions = fc.constantFrom('TLSv1', 'TLSv1.2', 'TLSv1.3')
const octets = fc.constantFrom('HTTP/1.1 200 OK\\x0D\\x0A', 'SSH-2.0-x', '\\x15\\x03\\x03', '')

const observed = {
  role: mostly('probe' as const, 'repeat' as const, 'control' as const, 'context' as const),
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

const unfiled: fc.Arbitrary<Omit<Observation, 'id'>> = fc.oneof(
  fc.record({
    ...observed,
    kind: fc.constant('name-lookup' as const),
    name: names,
    type: fc.constantFrom('A' as const, 'AAAA' as const, 'SRV' as const, 'SOA' as const),
    resolver: fc.constantFrom('10.1.0.5:53', '9.9.9.9:53', '[::1]:53', 'system', ''),
    resolverRole: fc.constantFrom('internal' as const, 'control' as const, 'system' as const, 'target' as const),
    transport: fc.constantFrom('udp' as const, 'tcp' as const, 'system' as const),
    outcome: fc.constantFrom(
      ...([
        'answer',
        'no-data',
        'name-error',
        'server-failure',
        'refused-by-policy',
        'other-rcode',
        'timeout',
      ] as const),
      ...(['refused', 'unreachable', 'malformed', 'mismatch', 'tool-limit', 'aborted'] as const),
    ),
    authoritative: fc.boolean(),
    truncated: fc.boolean(),
    answers: fc.array(fc.constantFrom('10.1.0.5', '20.190.128.1', '0.0.0.0', 'x'), { maxLength: 2 }),
    aliases: fc.array(names, { maxLength: 1 }),
  }),
  fc.record({
    ...observed,
    kind: fc.constant('tcp-connect' as const),
    address: addresses,
    port: ports,
    code,
    outcome: fc.constantFrom(
      ...(['connected', 'refused', 'timeout', 'host-unreachable', 'net-unreachable', 'admin-prohibited'] as const),
      ...(['reset', 'no-local-network', 'tool-limit', 'aborted', 'error'] as const),
    ),
    proxy: fc.constantFrom(undefined, 'egress'),
  }),
  fc.record({
    ...observed,
    kind: fc.constant('udp-exchange' as const),
    address: addresses,
    port: ports,
    outcome: fc.constantFrom(
      'answer' as const,
      'timeout' as const,
      'refused' as const,
      'unreachable' as const,
      'aborted' as const,
    ),
    bytesOut: fc.nat(),
    bytesIn: fc.nat(),
    time: fc.option(timeAnswers, { nil: undefined }),
  }),
  fc.record({
    ...observed,
    kind: fc.constant('tls-handshake' as const),
    address: addresses,
    port: ports,
    serverName: names,
    offered: fc.record({ minVersion: versions, maxVersion: versions, alpn: fc.constant([]) }),
    outcome: mostly(
      ...([
        'established',
        'alert',
        'reset',
        'closed',
        'timeout',
        'not-tls',
        'local-refusal',
        'aborted',
        'error',
      ] as const),
    ),
    alert: fc.option(fc.record({ number: fc.constantFrom(40, 70, 112, 116, 120, 80), name: fc.constant('x') }), {
      nil: undefined,
    }),
    firstOctets: octets,
    code,
    bytesOut: fc.constantFrom(383, 1720),
    bytesIn: fc.constantFrom(0, 7),
    version: versions,
    chain: fc.array(certificate, { maxLength: 3 }),
    sentCertificates: fc.nat(3),
    anchoredIn: fc.subarray(['node' as const, 'machine' as const, 'site' as const]),
    signaturesVerify: mostly(true, false),
    nameMatches: fc.option(fc.boolean(), { nil: undefined }),
    stapledOcsp: fc.boolean(),
  }),
  fc.record({
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
    outcome: fc.constantFrom(
      'response' as const,
      'not-http' as const,
      'reset' as const,
      'timeout' as const,
      'too-large' as const,
      'aborted' as const,
    ),
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
    firstOctets: octets,
    bytesIn: fc.constantFrom(0, 1, 200),
  }),
  fc.record({
    ...observed,
    kind: fc.constant('aia-fetch' as const),
    url: fc.constantFrom('http://ca.test/x.crt', 'no url'),
    outcome: fc.constantFrom(
      'certificate' as const,
      'timeout' as const,
      'http-status' as const,
      'wrong-issuer' as const,
    ),
  }),
  fc.record(
    {
      ...observed,
      kind: fc.constant('revocation-check' as const),
      method: fc.constantFrom('crl' as const, 'ocsp' as const, 'staple' as const),
      url: fc.constantFrom('http://crl.microsoft.com/a.crl', 'no url'),
      through: fc.constantFrom('egress'),
      subject: fc.constantFrom('CN=app01.corp.example', ''),
      serial: fc.constantFrom('01', ''),
      outcome: fc.constantFrom(
        ...(['good', 'revoked', 'stale', 'timeout', 'unreachable', 'http-status', 'not-an-answer', 'aborted'] as const),
      ),
      status: fc.constantFrom(407, 503),
      nextUpdate: fc.constantFrom('2026-11-01T00:00:00.000Z', 'no date'),
      revokedAt: fc.constantFrom('2026-11-01T00:00:00.000Z', 'no date'),
      reason: fc.constantFrom('keyCompromise', 'certificateHold'),
      title: fc.constantFrom('Blocked'),
      detail: fc.constantFrom('ECONNREFUSED', 'x was not resolved: name-error'),
    },
    { requiredKeys: ['kind', 'at', 'ms', 'role', 'method', 'subject', 'serial', 'outcome'] },
  ),
  fc.record({
    ...observed,
    kind: fc.constant('tool-limit' as const),
    limit: fc.constantFrom(
      ...(['no-probe-yet', 'no-descriptors', 'budget', 'question-budget', 'aborted', 'fault'] as const),
    ),
    detail: fc.constant('a limit'),
  }),
) as fc.Arbitrary<Omit<Observation, 'id'>>

const observations = fc
  .array(unfiled, { maxLength: 12 })
  .map((list) => list.map((one, index) => ({ ...one, id: `e${index + 1}` }) as Observation))

const flow: fc.Arbitrary<Flow> = fc
  .record({
    name: fc.option(names, { nil: undefined }),
    address: fc.option(addresses, { nil: undefined }),
    port: fc.option(ports, { nil: null }),
    transport: mostly('tcp' as const, 'udp' as const, 'icmp' as const),
    service: fc.constantFrom(...services),
    necessity: fc.constantFrom(...necessities),
    expect: mostly('open' as const, 'open' as const, 'open' as const, 'closed' as const),
    direction: fc.constantFrom('internal' as const, 'outbound-internet' as const),
    via: mostly<string | undefined>(undefined, 'egress'),
    toRole: fc.constantFrom('domain-controller' as const, 'entra-id' as const, 'published-app' as const),
    undialled: fc.option(fc.constant('no name to try'), { nil: undefined }),
  })
  .map(({ name, address, undialled, port, transport, service, via, ...parts }) => {
    const target = { port, transport, service }
    const given = {
      ...(name !== undefined && { name }),
      ...(address !== undefined && { address }),
      ...(undialled !== undefined && { undialled }),
    }
    return { ...flowOf(parts), ...(via !== undefined && { via }), target: { ...target, ...given } }
  })

const context: fc.Arbitrary<JudgementContext> = fc.record({
  judgedAt: times,
  cloud: fc.constantFrom(...clouds),
  domain: fc.constantFrom('corp.example', ''),
  trusted: fc.subarray(['AA', 'BB']),
  names: fc.constantFrom<Readonly<Record<string, string>>>(
    {},
    { 'login.microsoftonline.com:443': ':9443' },
    { '': '' },
  ),
})

const cases = fc.record({ flow, observations, context })
const runs = { numRuns: 3000 }

test('any observations give a verdict within the vocabulary', () => {
  fc.assert(
    fc.property(cases, (known) => {
      const verdict = diagnose(known)
      assert.ok(verdictKinds.includes(verdict.verdict))
      assert.ok(confidences.includes(verdict.confidence))
      assert.ok(verdict.owner === undefined || owners.includes(verdict.owner))
      assert.ok(verdict.says.length > 0)
      assert.doesNotMatch(verdict.says + (verdict.fix ?? '') + (verdict.nextProbe ?? ''), /undefined|NaN|\[object/)
    }),
    runs,
  )
})

test('what decided is in the evidence, each once', () => {
  fc.assert(
    fc.property(cases, (known) => {
      const { decidedBy } = diagnose(known)
      const ids = new Set(known.observations.map(({ id }) => id))
      assert.deepEqual(
        decidedBy.filter((id) => !ids.has(id)),
        [],
      )
      assert.equal(new Set(decidedBy).size, decidedBy.length)
    }),
    runs,
  )
})

test('the verdict follows from the cause, and from nothing else', () => {
  fc.assert(
    fc.property(cases, (known) => {
      const { verdict, cause, alternatives, owner } = diagnose(known)
      if (cause === undefined) {
        assert.equal(owner, undefined)
        assert.ok(verdict !== 'degraded' && verdict !== 'wrong' && verdict !== 'unknown')
        return
      }
      assert.equal(verdict, causeRows[cause].verdict)
      assert.ok(owner)
      assert.ok(!alternatives.includes(cause))
    }),
    runs,
  )
})

test('nothing is certain that only silence says', () => {
  fc.assert(
    fc.property(cases, (known) => {
      const { confidence, decidedBy, cause } = diagnose(known)
      if (confidence !== 'certain') return
      const spoke = known.observations.filter(
        (one) => decidedBy.includes(one.id) && !('outcome' in one && one.outcome === 'timeout'),
      )
      assert.ok(spoke.length > 0, `${cause} is certain by silence`)
    }),
    runs,
  )
})

test('without a control no silence accuses anybody', () => {
  fc.assert(
    fc.property(cases, (known) => {
      const own = known.observations.filter(
        ({ role, kind }) => (role === 'probe' || role === 'repeat') && kind === 'tcp-connect',
      )
      const silent = own.map(
        (one) => ({ ...one, outcome: 'timeout' as const, address: '10.1.0.5', port: 636 }) as Observation,
      )
      const at = {
        ...known.flow,
        target: { ...known.flow.target, address: '10.1.0.5', port: 636, transport: 'tcp' as const },
      }
      const { verdict } = diagnose({ ...known, flow: at, observations: silent })
      const quiet =
        known.flow.expect === 'closed' ? ['blocked', 'not-run', 'unknown'] : ['unknown', 'not-run', 'not-required']
      assert.ok(quiet.includes(verdict), verdict)
    }),
    runs,
  )
})

test('a rule that is not asked would have found nothing', () => {
  const demanding = [...rules, ...rulesThroughProxy].filter(({ needs }) => needs !== undefined)
  assert.ok(demanding.length > 20)
  fc.assert(
    fc.property(cases, (known) => {
      const seen = lookAt(known)
      for (const rule of demanding) {
        if (!isToBeAsked(rule, seen)) assert.equal(rule.match(seen), undefined, rule.cause)
      }
    }),
    runs,
  )
})

test('a flow that must be closed has no cause to be', () => {
  fc.assert(
    fc.property(cases, (known) => {
      const { verdict, cause } = diagnose({ ...known, flow: { ...known.flow, expect: 'closed' } })
      assert.ok(['open', 'blocked', 'unknown', 'not-run'].includes(verdict))
      assert.equal(cause, verdict === 'unknown' ? 'undetermined' : undefined)
    }),
    runs,
  )
})

test('the same case gives the same verdict', () => {
  fc.assert(
    fc.property(cases, (known) => {
      assert.deepEqual(diagnose(known), diagnose(structuredClone(known)))
    }),
    { numRuns: 300 },
  )
})
