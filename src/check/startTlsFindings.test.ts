import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyCase } from '../../test/anyCase.ts'
import { rootDse } from '../../test/controllers.ts'
import type { Draft } from '../../test/observed.ts'
import { caseOf, certificate, flowOf, leaf, lookup, root, said, tcp, tls } from '../../test/observed.ts'
import { diagnose, startTlsTrouble } from '../diagnose/index.ts'
import type { CertificateFacts } from '../model/certificateFacts.ts'
import type { TlsHandshake } from '../model/observation.ts'
import type { FlowReport } from '../model/report.ts'
import { findingsOf } from './findingsOf.ts'

const dc = 'dc01.corp.example'
const { context } = caseOf(flowOf(), [])
const timing = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null }

const good = leaf(dc, 'Corp Root CA')
const expired: CertificateFacts = { ...good, sha256: 'E0'.repeat(32), notAfter: '2026-11-18T10:00:05.000Z' }
const corpRoot = root('Corp Root CA')

/** What a domain controller shows under TLS at a port, in a store of this machine unless said otherwise. */
const shown = (port: number, first: CertificateFacts, over: Partial<TlsHandshake> = {}): Draft =>
  tls('established', {
    address: '10.1.0.5',
    port,
    serverName: dc,
    chain: [first, corpRoot],
    sentCertificates: 2,
    anchoredIn: ['machine'],
    ...over,
  })

const judged = (flow: ReturnType<typeof flowOf>, drafts: readonly Draft[]): FlowReport => {
  const known = caseOf(flow, drafts)
  return { ...flow, ...diagnose(known), evidence: known.observations, timing }
}

/** LDAP in the clear, which works, and what StartTLS led to behind it. */
const ldap = (behind: (port: number) => Draft, port = 389, id = 't1-ldap'): FlowReport =>
  judged(flowOf({ flow: id, target: { port, service: port === 389 ? 'ldap' : 'gc' } }), [
    tcp('connected', { port }),
    said(rootDse(), { port }),
    { ...behind(port), role: 'posture', varies: 'tls' },
  ])

const told = (...flows: readonly FlowReport[]) =>
  findingsOf(flows, context).map(({ code, severity, flows: ids }) => [code, severity, ids])

for (const [what, code, behind] of [
  ['is over', 'cert-expired', (port: number) => shown(port, expired)],
  [
    'is for another host',
    'name-mismatch',
    (port: number) => shown(port, leaf('dc07.corp.example', 'Corp Root CA'), { nameMatches: false }),
  ],
  ['is of a root that nobody trusts', 'root-missing', (port: number) => shown(port, good, { anchoredIn: [] })],
  [
    'was issued for a client',
    'wrong-key-usage',
    (port: number) => shown(port, { ...good, extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] }),
  ],
] as const) {
  test(`a certificate behind StartTLS that ${what} is a finding, and 389 stays open`, () => {
    const flow = ldap(behind)
    assert.equal(flow.verdict, 'open')
    const [finding, ...others] = findingsOf([flow], context)
    assert.deepEqual([finding?.code, finding?.severity, finding?.flows, others], [code, 'medium', ['t1-ldap'], []])
    assert.match(finding?.what ?? '', /^to clients that go on under TLS \(StartTLS\): .*389/)
    assert.ok((finding?.next.length ?? 0) > 0)
  })
}

test('a certificate behind StartTLS that clients take is no finding', () => {
  assert.deepEqual(told(ldap((port) => shown(port, good))), [])
})

test('one whose name stands in the subject alone is taken by the clients of a directory', () => {
  const old = certificate({ subject: `CN=${dc}`, issuer: 'CN=Corp Root CA', subjectAltNames: [] })
  assert.deepEqual(told(ldap((port) => shown(port, old, { nameMatches: false }))), [])
})

test('nor is one of the name that the directory gives itself, where an alias leads there', () => {
  const own = (port: number) => shown(port, good, { serverName: 'ldap.corp.example', nameMatches: false })
  const flow = judged(flowOf({ flow: 't1-ldap', target: { name: 'ldap.corp.example', port: 389, service: 'ldap' } }), [
    lookup('answer', { name: 'ldap.corp.example', answers: ['10.1.0.5'], aliases: [dc] }),
    tcp('connected', { port: 389 }),
    said(rootDse({ dnsHostName: dc })),
    { ...own(389), role: 'posture', varies: 'tls' },
  ])
  assert.deepEqual([flow.verdict, told(flow)], ['open', []])
})

test('a directory that does not go on under TLS shows nothing', () => {
  assert.deepEqual(told(ldap((port) => tls('reset', { address: '10.1.0.5', port, serverName: dc }))), [])
})

test('the same certificate on several ports of a host is one finding', () => {
  const bad = (port: number) => shown(port, expired)
  assert.deepEqual(told(ldap(bad), ldap(bad, 3268, 't1-gc')), [['cert-expired', 'medium', ['t1-ldap', 't1-gc']]])
})

test('what the flow to 636 tells of the same certificate is not told again', () => {
  const ldaps = judged(flowOf(), [tcp('connected'), shown(636, expired)])
  assert.deepEqual(
    told(
      ldaps,
      ldap((port) => shown(port, expired)),
    ),
    [['cert-expired', 'high', ['t1-ldaps']]],
  )
  const renewed = judged(flowOf(), [tcp('connected'), shown(636, good)])
  assert.deepEqual(
    told(
      renewed,
      ldap((port) => shown(port, expired)),
    ),
    [['cert-expired', 'medium', ['t1-ldap']]],
  )
})

test('of a flow that must be closed, and of one that does not work, nothing more is told', () => {
  const flow = ldap((port) => shown(port, expired))
  assert.deepEqual(told({ ...flow, expect: 'closed' }), [['forbidden-flow-open', 'high', ['t1-ldap']]])
  assert.deepEqual(told({ ...flow, verdict: 'blocked', cause: 'wrong-domain' }), [
    ['wrong-domain', 'high', ['t1-ldap']],
  ])
})

test('whatever was seen, what StartTLS shows is judged without a throw, and by a handshake that was seen', () => {
  fc.assert(
    fc.property(anyCase, (known) => {
      const trouble = startTlsTrouble(known)
      if (trouble === undefined) return
      assert.ok(known.observations.some((one) => one.kind === 'tls-handshake' && one.address === trouble.address))
    }),
    { numRuns: 1000 },
  )
})
