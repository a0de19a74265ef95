import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kerberosError, saidAt } from '../../test/controllers.ts'
import { certificate, filed, publishedRoot, tls } from '../../test/observed.ts'
import { flowReportOf, samplePlan } from '../../test/reports.ts'
import type { CauseCode } from '../model/cause.ts'
import type { Necessity } from '../model/flow.ts'
import type { NameLookup, TcpConnect } from '../model/observation.ts'
import type { FlowReport } from '../model/report.ts'
import type { VerdictKind } from '../model/verdict.ts'
import { findingsOf } from './findingsOf.ts'

const [planned] = samplePlan.flows
assert.ok(planned)
const open = flowReportOf(planned)
const flow = (parts: Partial<FlowReport>): FlowReport => ({ ...open, ...parts })

const severities: readonly (readonly [VerdictKind, Necessity, string | undefined])[] = [
  ['open', 'required', undefined],
  ['not-run', 'required', undefined],
  ['not-required', 'legacy', undefined],
  ['blocked', 'required', 'high'],
  ['wrong', 'required', 'high'],
  ['blocked', 'conditional', 'medium'],
  ['blocked', 'recommended', 'low'],
  ['wrong', 'optional', 'low'],
  ['degraded', 'required', 'medium'],
  ['unknown', 'required', 'medium'],
  ['unknown', 'optional', 'low'],
]

for (const [verdict, necessity, severity] of severities) {
  test(`a ${necessity} flow that is ${verdict} is ${severity === undefined ? 'no finding' : `a finding of ${severity} severity`}`, () => {
    const found = findingsOf([flow({ verdict, necessity, cause: 'refused' })])
    assert.deepEqual(
      found.map((finding) => finding.severity),
      severity === undefined ? [] : [severity],
    )
  })
}

test('flows that fail for one cause at one place are one finding, with the worst severity and every row', () => {
  const failed = { verdict: 'blocked', cause: 'refused' } as const
  const found = findingsOf([
    flow({ ...failed, flow: 'one', necessity: 'optional' }),
    flow({ ...failed, flow: 'two', necessity: 'required' }),
    flow({ ...failed, flow: 'three', target: { ...open.target, address: '10.9.9.9' } }),
    flow({ ...failed, flow: 'four', cause: 'cert-expired' }),
  ])
  assert.deepEqual(
    found.map(({ code, severity, flows }) => [code, severity, flows]),
    [
      ['refused', 'high', ['one', 'two']],
      ['refused', 'high', ['three']],
      ['cert-expired', 'high', ['four']],
    ],
  )
})

const skewed = (skewMs: number, parts: Partial<FlowReport> = {}): FlowReport =>
  flow({
    verdict: 'degraded',
    cause: 'clock-skew',
    evidence: filed([saidAt(88, kerberosError({ skewMs }))]),
    decidedBy: ['e1'],
    ...parts,
  })

test('clocks at which every ticket is refused are told before any port, and those on the way there are not', () => {
  const blocked = flow({ flow: 'port', verdict: 'blocked', cause: 'refused', necessity: 'required' })
  const told = (skewMs: number) =>
    findingsOf([blocked, skewed(skewMs, { flow: 'kdc', necessity: 'required' })]).map((one) => [one.code, one.severity])
  const [port, clock] = [
    ['refused', 'high'],
    ['clock-skew', 'high'],
  ]
  for (const skewMs of [300_000, -300_000, 3_600_000]) assert.deepEqual(told(skewMs), [clock, port])
  assert.deepEqual(told(299_999), [port, ['clock-skew', 'medium']])
})

test('a time server that hands out no tickets ends none', () => {
  const ntp = { ...open.target, service: 'ntp', transport: 'udp', port: 123 } as const
  const told = (parts: Partial<FlowReport>) => findingsOf([skewed(600_000, { target: ntp, ...parts })])[0]?.severity
  assert.equal(told({ to: 'time01', toRole: 'dns-server', necessity: 'required' }), 'medium')
  assert.equal(told({ to: 'dc01', toRole: 'domain-controller', necessity: 'required' }), 'high')
})

test('the worst comes first', () => {
  const found = findingsOf([
    flow({ verdict: 'degraded', cause: 'high-latency' }),
    flow({ verdict: 'blocked', cause: 'refused' }),
  ])
  assert.deepEqual(
    found.map(({ severity }) => severity),
    ['high', 'medium'],
  )
})

test('a flow that must be closed is a finding when it is open, and only then', () => {
  const closed = (verdict: VerdictKind) => findingsOf([flow({ expect: 'closed', necessity: 'not-required', verdict })])
  assert.deepEqual(
    closed('open').map(({ code, severity }) => [code, severity]),
    [['forbidden-flow-open', 'high']],
  )
  for (const verdict of ['blocked', 'unknown', 'not-run'] as const) assert.deepEqual(closed(verdict), [])
})

test('where a name leads to another port a finding names the planned one, as every sentence does', () => {
  const target = { ...open.target, port: 9443, plannedPort: 443, transport: 'tcp' } as const
  const [found] = findingsOf([flow({ verdict: 'blocked', cause: 'refused', target })])
  assert.match(found?.where.target ?? '', /^tcp\/443 /)
})

const dead = (over: Partial<NameLookup>): NameLookup => ({
  kind: 'name-lookup',
  id: 'e1',
  role: 'probe',
  at: '2026-11-20T10:00:00.000Z',
  ms: 3000,
  name: 'a.example',
  type: 'A',
  resolver: '10.1.0.5:53',
  resolverRole: 'internal',
  transport: 'udp',
  outcome: 'timeout',
  answers: [],
  aliases: [],
  ...over,
})

test('all flows that wait for one dead resolver are one finding, and another resolver is another', () => {
  const waiting = (id: string, name: string, over: Partial<NameLookup> = {}) =>
    flow({
      flow: id,
      verdict: 'blocked',
      cause: 'resolver-unreachable',
      target: { ...open.target, name },
      evidence: [dead({ id: 'e9', resolver: '9.9.9.9:53', resolverRole: 'control', role: 'control' }), dead(over)],
      decidedBy: ['e9', 'e1'],
    })
  const found = findingsOf([
    waiting('one', 'a.example'),
    waiting('two', 'b.example'),
    waiting('three', 'c.example', { resolver: '10.1.0.6:53' }),
  ])
  assert.deepEqual(
    found.map(({ where, flows }) => [where.target, flows]),
    [
      ['resolver 10.1.0.5:53', ['one', 'two']],
      ['resolver 10.1.0.6:53', ['three']],
    ],
  )
  assert.match(found[0]?.what ?? '', /\(2 targets: .*a\.example.*, .*b\.example.*\)$/)
})

test('what one inspector re-signs is one finding, and a machine without a network has one', () => {
  const named = (name: string, parts: Partial<FlowReport>) =>
    flow({ flow: name, target: { ...open.target, name }, ...parts })
  const resigned = {
    verdict: 'wrong',
    cause: 'interception-trusted',
    learnt: { certificateIssuer: 'Corp CA' },
  } as const
  const alone = { verdict: 'blocked', cause: 'no-local-network' } as const
  const found = findingsOf([named('a', resigned), named('b', resigned), named('c', alone), named('d', alone)])
  assert.deepEqual(
    found.map(({ where, flows }) => [where.target, flows]),
    [
      ['inspector "Corp CA"', ['a', 'b']],
      [open.from, ['c', 'd']],
    ],
  )
})

test('what one limit of this machine kept from being asked is one finding, and another limit is another', () => {
  const limited = (id: string, code: string): FlowReport => {
    const seen = { kind: 'tcp-connect', id: 'e1', role: 'probe', at: '2026-11-20T10:00:00.000Z', ms: 0 } as const
    const evidence = [{ ...seen, address: '10.1.0.5', port: 636, outcome: 'tool-limit', code }] as const
    return flow({ flow: id, verdict: 'unknown', cause: 'tool-limit', evidence, decidedBy: ['e1'] })
  }
  assert.deepEqual(
    findingsOf([limited('a', 'EMFILE'), limited('b', 'EMFILE'), limited('c', 'EADDRNOTAVAIL')]).map(
      ({ where, flows }) => [where.target, flows],
    ),
    [
      [`${open.from} (EMFILE)`, ['a', 'b']],
      [`${open.from} (EADDRNOTAVAIL)`, ['c']],
    ],
  )
})

test('a dead resolver beside one that answers is one finding of low severity, however many flows wait for it', () => {
  const served = (id: string) =>
    flow({
      flow: id,
      evidence: [
        dead({}),
        dead({ id: 'e2', resolver: '10.1.0.6:53', outcome: 'answer', rcode: 0, answers: ['192.0.2.1'] }),
      ],
    })
  const found = findingsOf([served('one'), served('two')])
  assert.deepEqual(
    found.map(({ code, severity, where, flows }) => [code, severity, where.target, flows]),
    [['resolver-unreachable', 'low', 'resolver 10.1.0.5:53', ['one', 'two']]],
  )
})

test('a resolver that answered once is not dead, and where none answered the verdicts say so', () => {
  const lost = flow({ evidence: [dead({}), dead({ id: 'e2', name: 'b.example', outcome: 'answer', rcode: 0 })] })
  assert.deepEqual(findingsOf([lost]), [])
  assert.deepEqual(findingsOf([flow({ evidence: [dead({}), dead({ id: 'e2', resolver: '10.1.0.6:53' })] })]), [])
})

const set = (resolver: string, ...hosts: readonly string[]): NameLookup =>
  dead({
    id: resolver,
    name: '_ldap._tcp.dc._msdcs.corp.example',
    type: 'SRV',
    resolver,
    resolverRole: 'target',
    outcome: 'answer',
    answers: hosts.map((host) => `0 100 389 ${host}`),
  })

test('service records that two name servers give differently are one finding; their order is none', () => {
  const one = flow({ flow: 'one', evidence: [set('10.1.0.5:53', 'dc01.corp.example', 'dc02.corp.example')] })
  const other = (...hosts: readonly string[]) => flow({ flow: 'two', evidence: [set('10.1.0.6:53', ...hosts)] })
  assert.deepEqual(findingsOf([one, other('dc02.corp.example', 'DC01.corp.example')]), [])
  const found = findingsOf([one, other('dc01.corp.example')])
  assert.deepEqual(
    found.map(({ code, severity, flows }) => [code, severity, flows]),
    [['srv-incomplete', 'low', ['one', 'two']]],
  )
  assert.match(found[0]?.what ?? '', /10\.1\.0\.5:53 gives .*dc02.*; 10\.1\.0\.6:53 gives 0 100 389 dc01/)
})

test('a proxy that is down is one finding, with the flow that goes to the proxy itself', () => {
  const dialled: TcpConnect = {
    kind: 'tcp-connect',
    id: 'e1',
    role: 'probe',
    at: '2026-11-20T10:00:00.000Z',
    ms: 1,
    address: '10.1.0.8',
    port: 3128,
    outcome: 'refused',
    proxy: 'egress',
  }
  const { name: _, ...nameless } = open.target
  const target = { ...nameless, address: '10.1.0.8', port: 3128, transport: 'tcp' } as const
  const { proxy: __, ...straight } = dialled
  const toProxy = flow({
    flow: 'to-proxy',
    verdict: 'blocked',
    cause: 'refused',
    target,
    evidence: [straight],
    decidedBy: ['e1'],
  })
  const through = flow({
    flow: 'through',
    via: 'egress',
    verdict: 'blocked',
    cause: 'proxy-dead',
    says: 'the proxy egress is not there',
    evidence: [dialled],
    decidedBy: ['e1'],
  })
  for (const order of [
    [toProxy, through],
    [through, toProxy],
  ]) {
    assert.deepEqual(
      findingsOf(order).map(({ code, where, flows }) => [code, where.target, flows.toSorted()]),
      [['proxy-dead', 'proxy egress', ['through', 'to-proxy']]],
    )
  }
  const elsewhere = flow({ ...toProxy, target: { ...target, port: 8080 } })
  assert.deepEqual(
    findingsOf([elsewhere, through]).map(({ code }) => code),
    ['refused', 'proxy-dead'],
  )
  assert.deepEqual(
    findingsOf([toProxy]).map(({ code }) => code),
    ['refused'],
  )
})

test('an endpoint mapper that is not heard is one finding, which the range of ports that it hands out shares', () => {
  const at = (port: number | null, service: 'epm' | 'rpc') => ({ ...open.target, port, service, address: '10.1.0.5' })
  const mapper = flow({ flow: 'epm', verdict: 'blocked', cause: 'filtered-silently', target: at(135, 'epm') })
  const range = flow({ flow: 'rpc', verdict: 'unknown', cause: 'undetermined', target: at(null, 'rpc') })
  const told = (flows: readonly FlowReport[]) => findingsOf(flows).map(({ code, flows: ids }) => [code, ids])
  assert.deepEqual(told([mapper, range]), [['filtered-silently', ['epm', 'rpc']]])
  // Where the mapper is well, or of another host, the range has a finding of its own.
  assert.deepEqual(told([flow({ ...mapper, verdict: 'open' }), range]), [['undetermined', ['rpc']]])
  const elsewhere = { ...mapper, target: { ...mapper.target, address: '10.1.0.6' } }
  assert.deepEqual(told([elsewhere, range]).length, 2)
  const blocked = flow({ ...range, verdict: 'blocked', cause: 'rpc-dynamic-blocked' })
  assert.deepEqual(told([mapper, blocked]).length, 2)
})

test('a weak key of a flow that is wrong is a finding of its own, unless an inspector showed it', () => {
  const weak = certificate({ key: { type: 'rsa', bits: 1024 } })
  const evidence = filed([tls('established', { chain: [weak, publishedRoot] })])
  const codes = (cause: CauseCode) => findingsOf([flow({ verdict: 'wrong', cause, evidence })]).map(({ code }) => code)
  assert.deepEqual(codes('mtls-terminated'), ['mtls-terminated', 'weak-key'])
  assert.deepEqual(codes('interception-trusted'), ['interception-trusted'])
})
