import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rootDse, saidAt } from '../../test/controllers.ts'
import { filed } from '../../test/observed.ts'
import { flowReportOf, samplePlan } from '../../test/reports.ts'
import type { HttpExchange, Observation, RevocationCheck, TcpConnect, TlsHandshake } from '../model/observation.ts'
import type { FlowReport } from '../model/report.ts'
import { sharedPlaces } from './sharedPlaces.ts'

const [planned] = samplePlan.flows
assert.ok(planned)
const open = flowReportOf(planned)
const { from } = open

const seen = { id: 'e1', role: 'probe', at: '2026-11-20T10:00:00.000Z', ms: 3 } as const

function failed(cause: FlowReport['cause'], parts: Partial<FlowReport>, evidence: readonly Observation[] = []) {
  const decidedBy = evidence.map(({ id }) => id)
  return { ...open, verdict: 'blocked', ...(cause !== undefined && { cause }), evidence, decidedBy, ...parts } as const
}

const placeOf = (flow: FlowReport, ...others: readonly FlowReport[]): string | undefined =>
  sharedPlaces([flow, ...others])(flow)

const http = (over: Partial<HttpExchange>): HttpExchange => ({
  ...seen,
  kind: 'http-exchange',
  url: 'http://a.example/',
  address: '192.0.2.1',
  method: 'GET',
  outcome: 'response',
  status: 200,
  headers: {},
  body: { kind: 'html', bytes: 10, members: {} },
  ...over,
})

const tunnel = (status: number): HttpExchange => http({ method: 'CONNECT', through: 'egress', status })

const tcp = (over: Partial<TcpConnect>): TcpConnect => ({
  ...seen,
  kind: 'tcp-connect',
  address: '192.0.2.1',
  port: 8080,
  outcome: 'admin-prohibited',
  ...over,
})

const handshake = (over: Partial<TlsHandshake>): TlsHandshake => ({
  ...seen,
  kind: 'tls-handshake',
  address: '192.0.2.1',
  port: 8080,
  offered: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', alpn: [] },
  outcome: 'not-tls',
  bytesOut: 300,
  bytesIn: 80,
  chain: [],
  sentCertificates: 0,
  anchoredIn: [],
  signaturesVerify: false,
  stapledOcsp: false,
  ...over,
})

const revocation = (over: Partial<RevocationCheck>): RevocationCheck => ({
  ...seen,
  kind: 'revocation-check',
  method: 'crl',
  subject: 'CN=a.example',
  serial: '01',
  outcome: 'unreachable',
  ...over,
})

const via = { via: 'egress' } as const

const controller = { to: 'dc01', target: { ...open.target, name: 'dc01.corp.example', address: '10.1.0.5' } } as const

const rows: readonly (readonly [string, FlowReport, string | undefined])[] = [
  ['a dead proxy is the place', failed('proxy-dead', via), 'proxy egress'],
  ['a proxy that wants credentials is the place', failed('proxy-auth', via), 'proxy egress'],
  ['a proxy that the site does not name', failed('proxy-auth', {}), 'proxy on the path'],
  ['a machine that lacks the proxy', failed('proxy-required', {}), from],
  [
    'a device that keeps everybody from the proxy',
    failed('admin-prohibited', via, [tcp({ proxy: 'egress' })]),
    'proxy egress',
  ],
  ['a device that keeps one target away', failed('admin-prohibited', {}, [tcp({})]), undefined],
  [
    'a page that the proxy puts in the place of TLS',
    failed('http-page-on-api', via, [handshake({ through: 'egress' })]),
    'proxy egress',
  ],
  ['a page that a server shows, though a proxy passed it on', failed('http-page-on-api', via, [http({})]), undefined],
  [
    'a portal that sends everybody to its host',
    failed('captive-portal', {}, [http({ status: 302, headers: { location: 'http://hotspot.example/in?from=a' } })]),
    'portal hotspot.example',
  ],
  [
    'a portal that is known by its page',
    failed('captive-portal', {}, [http({ body: { kind: 'html', bytes: 9, title: 'Welcome', members: {} } })]),
    'portal "Welcome"',
  ],
  ['a portal that only says 511', failed('captive-portal', {}, [http({ status: 511 })]), `portal before ${from}`],
  ['a portal that is met at the proxy', failed('captive-portal', via, [http({ status: 511 })]), 'proxy egress'],
  [
    'the host of a list that nobody gets',
    failed('revocation-unreachable', {}, [
      handshake({ outcome: 'established' }),
      revocation({ id: 'e2', method: 'staple', outcome: 'stale' }),
      revocation({ id: 'e3', url: 'http://crl.example/ca.crl' }),
    ]),
    'revocation host crl.example',
  ],
  [
    'a stapled answer, which is the server’s own',
    failed('crl-stale', {}, [revocation({ method: 'staple', outcome: 'stale' })]),
    undefined,
  ],
  ['a clock, whichever service tells it', failed('clock-skew', controller), 'clock of dc01.corp.example (10.1.0.5)'],
  [
    'a controller that is no global catalog, at both ports',
    failed('not-a-gc', controller),
    'dc01.corp.example (10.1.0.5)',
  ],
  ['an address in no subnet of the directory', failed('wrong-site', controller), from],
  ['a host of another domain', failed('wrong-domain', controller), 'dc01.corp.example (10.1.0.5)'],
  [
    'a host that calls itself otherwise',
    failed('stale-record', controller, filed([saidAt(389, rootDse())])),
    'dc01.corp.example (10.1.0.5)',
  ],
  ['a name that a certificate lacks', failed('stale-record', controller, [handshake({})]), undefined],
  ['a denied name is its own place', failed('proxy-name-denied', via), undefined],
  ['a flow without a cause', failed(undefined, { verdict: 'open' }), undefined],
]

for (const [title, flow, place] of rows) {
  test(`${title}: ${place ?? 'the target itself'}`, () => assert.equal(placeOf(flow), place))
}

for (const cause of ['proxy-dns', 'proxy-unreachable-target'] as const) {
  test(`${cause} is the proxy's own when it gets through to nobody, and a matter of the name when others pass`, () => {
    const named = { ...via, target: { ...open.target, name: 'a.example' } }
    const flow = failed(cause, named, [tunnel(503)])
    const passes = { ...failed(undefined, named), verdict: 'open' } as const
    assert.equal(placeOf(flow, failed(cause, named)), 'proxy egress')
    assert.equal(placeOf(flow, passes), undefined)
    // The tunnel stands, whatever is behind it.
    assert.equal(placeOf(flow, failed('cert-expired', named, [tunnel(200)])), undefined)
    // Another proxy that works, and an address that needs no resolver, say nothing of this one.
    assert.equal(placeOf(flow, { ...passes, via: 'other' }), 'proxy egress')
    const { name: _, ...bare } = passes.target
    assert.equal(placeOf(flow, { ...passes, target: bare }), 'proxy egress')
  })
}
