import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditFlowOf } from '../../test/auditReports.ts'
import { checkReportOf, flowReportOf } from '../../test/reports.ts'
import { at } from '../../test/sampleEvidence.ts'
import { sampleFlows } from '../../test/sampleFlows.ts'
import type { Agreement } from '../model/auditOnWire.ts'
import type { AuditFlowReport, AuditPart } from '../model/auditReport.ts'
import type { Observation } from '../model/observation.ts'
import type { FlowReport } from '../model/report.ts'
import { agreementOf } from './agreementOf.ts'
import { onWire } from './onWire.ts'
import { placeOnWire } from './placeOnWire.ts'

const { ldaps, login, kerberos } = sampleFlows
const site = { hosts: { dc01: { roles: [], addresses: ['10.1.0.5'] }, core: { roles: [], addresses: ['10.0.0.1'] } } }

const partOf = (verdict: AuditPart['verdict'], parts: Partial<AuditPart['for']> = {}): AuditPart => ({
  verdict,
  ...(verdict === 'deny' && { denial: 'drop' }),
  for: { sources: ['10.1.0.10'], destinations: ['10.1.0.5'], protocol: 'tcp', ports: ['636'], ...parts },
  decidedBy: [
    {
      device: 'edge',
      stage: 'filter',
      rule: verdict === 'allow' ? 'rule 4' : 'policy',
      does: 'allows',
      file: 'edge.nft',
      line: 6,
    },
  ],
  dependsOn: [],
})

const paperOf = (verdict: AuditFlowReport['verdict'], more: Partial<AuditFlowReport> = {}): AuditFlowReport =>
  auditFlowOf(ldaps, { verdict, parts: [partOf(verdict)], ...more })

const wireOf = (verdict: FlowReport['verdict'], more: Partial<FlowReport> = {}): FlowReport =>
  flowReportOf(ldaps, { verdict, confidence: 'likely', ...more })

const silent = { cause: 'filtered-silently' } as const

const rows: readonly (readonly [
  says: string,
  paper: AuditFlowReport['verdict'],
  wire: readonly [FlowReport['verdict'], Partial<FlowReport>?],
  agreement: Agreement,
])[] = [
  ['allowed and open agree', 'allow', ['open'], 'agrees'],
  ['what hurts passes as well', 'allow', ['degraded', { cause: 'high-latency' }], 'agrees'],
  ['allowed and silent is a device that nobody knows', 'allow', ['blocked', silent], 'unknown-device'],
  [
    'so is what a firewall refuses in the name of the host',
    'allow',
    ['blocked', { cause: 'refused-by-firewall' }],
    'unknown-device',
  ],
  ['so is what is led elsewhere', 'allow', ['wrong', { cause: 'wrong-target-dnat' }], 'unknown-device'],
  [
    'a refusal of which nobody knows whose it is accuses nobody',
    'allow',
    ['blocked', { cause: 'refused' }],
    'not-told',
  ],
  ['a host that refuses was reached', 'allow', ['blocked', { cause: 'refused-by-host' }], 'agrees'],
  ['a certificate says nothing of the path', 'allow', ['blocked', { cause: 'cert-expired' }], 'not-told'],
  ['nor does a name', 'allow', ['blocked', { cause: 'name-missing' }], 'not-told'],
  ['nor what was not asked', 'allow', ['not-run'], 'not-told'],
  ['nor what could not be told', 'allow', ['unknown', { cause: 'undetermined' }], 'not-told'],
  [
    'nor a silence that the check itself does not trust',
    'allow',
    ['blocked', { ...silent, confidence: 'undetermined' }],
    'not-told',
  ],
  [
    'a proxy that denies what its configuration allows runs another',
    'allow',
    ['blocked', { cause: 'proxy-name-denied' }],
    'configuration-differs',
  ],
  ['denied and silent agree', 'deny', ['blocked', silent], 'agrees'],
  ['denied and open: another configuration runs', 'deny', ['open'], 'configuration-differs'],
  [
    'denied, and the host itself was heard: another one as well',
    'deny',
    ['blocked', { cause: 'refused-by-host', confidence: 'certain' }],
    'configuration-differs',
  ],
  [
    'denied, and what came back is not trusted: nothing',
    'deny',
    ['blocked', { cause: 'refused-by-host', confidence: 'possible' }],
    'not-told',
  ],
  ['no route on paper, and open', 'no-path', ['open'], 'configuration-differs'],
  ['left open on paper, and open', 'may', ['open'], 'settled-open'],
  ['left open on paper, and silent', 'may', ['blocked', silent], 'settled-closed'],
  ['an unknown reference is settled as well', 'unknown-ref', ['open'], 'settled-open'],
  ['led elsewhere by both', 'misdirected', ['wrong', { cause: 'wrong-target-dnat' }], 'agrees'],
  ['led elsewhere on paper, and something answers: it may be what is meant', 'misdirected', ['open'], 'not-told'],
]

for (const [says, paper, [verdict, more], agreement] of rows) {
  test(says, () => {
    assert.equal(agreementOf(paperOf(paper), wireOf(verdict, more)).agreement, agreement)
  })
}

test('a denial that rejects and a refusal of which nobody knows whose it is agree', () => {
  const paper = paperOf('deny', { denial: 'reject' })
  assert.equal(agreementOf(paper, wireOf('blocked', { cause: 'refused' })).agreement, 'agrees')
})

test('of a name with many addresses the part that was dialled counts', () => {
  const parts = [
    partOf('allow', { destinations: ['20.190.128.0/18'] }),
    partOf('deny', { destinations: ['40.126.0.0/18', '20.20.32.0-20.20.63.255'] }),
  ]
  const paper = auditFlowOf(login, { verdict: 'deny', parts })
  const wire = (address: string) => flowReportOf({ ...login, target: { ...login.target, address } })
  assert.equal(agreementOf(paper, wire('20.190.160.1')).agreement, 'agrees')
  assert.equal(agreementOf(paper, wire('40.126.9.9')).agreement, 'configuration-differs')
  assert.equal(agreementOf(paper, wire('20.20.40.9')).agreement, 'configuration-differs')
  // Where the name leads elsewhere than any list has it, the paper was not asked.
  assert.equal(agreementOf(paper, wire('203.0.113.9')).agreement, 'not-told')
})

test('of a network the machine that asked counts', () => {
  const parts = [partOf('allow', { sources: ['10.1.0.0/25'] }), partOf('deny', { sources: ['10.1.0.128/25'] })]
  const connect = (localAddress: string): Observation => ({
    kind: 'tcp-connect',
    id: 'e1',
    role: 'probe',
    at: at(0),
    ms: 1,
    address: '10.1.0.5',
    port: 636,
    outcome: 'connected',
    localAddress,
  })
  const paper = paperOf('deny', { parts })
  assert.equal(agreementOf(paper, wireOf('open', { evidence: [connect('10.1.0.10')] })).agreement, 'agrees')
  assert.equal(
    agreementOf(paper, wireOf('open', { evidence: [connect('10.1.0.200')] })).agreement,
    'configuration-differs',
  )
  assert.equal(agreementOf(paper, wireOf('open')).agreement, 'not-told')
})

test('flows are joined by their key, and by their name where only the check has an address; the rest is counted', () => {
  const dialled = { ...login, target: { ...login.target, address: '20.190.160.1' } }
  const paper = [paperOf('allow'), auditFlowOf(login), auditFlowOf(sampleFlows.bus)]
  const check = checkReportOf([wireOf('open'), flowReportOf(dialled), flowReportOf(kerberos)])
  const { wire, flows, findings } = onWire({ flows: paper, startedAt: at(0) }, check, 'check.json', site)
  const { both, agree, onlyOnPaper, onlyOnWire, isOld, ageDays } = wire
  assert.deepEqual(
    { both, agree, onlyOnPaper, onlyOnWire, isOld, ageDays },
    { both: 2, agree: 1, onlyOnPaper: 1, onlyOnWire: 1, isOld: false, ageDays: 0 },
  )
  assert.deepEqual(
    flows.map((flow) => flow.wire?.agreement),
    ['agrees', 'not-told', undefined],
  )
  assert.equal(flows[1]?.wire?.address, '20.190.160.1')
  assert.deepEqual(findings, [])
})

test('one of the addresses of a name that is kept back tells more than the others that are open', () => {
  const dialled = (address: string) => ({ ...login, target: { ...login.target, address } })
  const paper = [
    auditFlowOf(login, { parts: [{ ...partOf('allow'), for: { ...partOf('allow').for, destinations: ['any'] } }] }),
  ]
  const check = checkReportOf([
    flowReportOf(dialled('20.190.160.1')),
    flowReportOf(dialled('20.190.160.2'), { verdict: 'blocked', ...silent, confidence: 'likely' }),
  ])
  const { wire, findings } = onWire({ flows: paper, startedAt: at(0) }, check, 'check.json', site)
  assert.deepEqual([wire.both, wire.unknownDevice, wire.onlyOnWire], [1, 1, 0])
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['unknown-device'],
  )
})

test('a check of more than a week ago is old, and both findings say when it was', () => {
  const day = 86_400_000
  const check = checkReportOf([wireOf('open')], { startedAt: at(0) })
  const age = (days: number) =>
    onWire({ flows: [paperOf('deny')], startedAt: at(days * day + 1) }, check, 'check.json', site)
  assert.deepEqual([age(7).wire.isOld, age(8).wire.isOld, age(8).wire.ageDays], [false, true, 8])
  assert.match(age(8).findings[0]?.why ?? '', /2026-11-21 09:03 UTC, seen from connect01, 8 days before this audit/)
  assert.doesNotMatch(age(7).findings[0]?.why ?? '', /before this audit/)
})

test('a configuration that differs points at the rule that is not what runs', () => {
  const check = checkReportOf([wireOf('open'), flowReportOf(kerberos)])
  const denied = auditFlowOf(kerberos, { verdict: 'deny', parts: [partOf('deny', { ports: ['88'] })] })
  const { findings } = onWire({ flows: [paperOf('deny'), denied], startedAt: at(0) }, check, 'check.json', site)
  assert.equal(findings.length, 1)
  const [finding] = findings
  assert.deepEqual(finding?.where, { file: 'edge.nft', line: 6, flow: 't1-ldaps', target: 'dc01.corp.example:636' })
  assert.deepEqual(finding?.flows, ['t1-ldaps', 't1-kerberos'])
  assert.equal(finding?.severity, 'high')
  assert.match(
    finding?.what ?? '',
    /^what is at hand of edge is not what runs: tcp\/636 dc01\.corp\.example, tcp\/88 dc01/,
  )
})

test('an unknown device is as grave as the check is sure, and a protection for what must be closed', () => {
  const found = (paper: Partial<AuditFlowReport>, wire: Partial<FlowReport>) => {
    const check = checkReportOf([wireOf('blocked', { ...silent, ...wire })])
    return onWire({ flows: [paperOf('allow', paper)], startedAt: at(0) }, check, 'check.json', site).findings[0]
      ?.severity
  }
  assert.equal(found({}, {}), 'high')
  assert.equal(found({}, { confidence: 'possible' }), 'medium')
  assert.equal(found({}, { cause: 'no-route' }), 'medium')
  assert.equal(found({ necessity: 'optional' }, {}), 'medium')
  assert.equal(found({ expect: 'closed', necessity: 'not-required' }, {}), 'info')
})

const named = (address: string): string => (address === '10.0.0.1' ? 'core (10.0.0.1)' : address)
const base = { id: 'e1', at: at(0), ms: 1, address: '10.1.0.5' } as const
const trace = (port: number, hops: readonly { ttl: number; address?: string; says?: 'prohibited' }[]): Observation => ({
  ...base,
  kind: 'path-trace',
  role: port === 636 ? 'probe' : 'control',
  tool: 'traceroute',
  sent: 'tcp-syn',
  port,
  hops,
  outcome: port === 636 ? 'silent' : 'reached',
})
const packets = (parts: object): Observation => ({
  ...base,
  kind: 'packet-evidence',
  role: 'probe',
  of: 'e0',
  port: 636,
  transport: 'tcp',
  sent: 1,
  icmp: [],
  ...parts,
})

const places: readonly (readonly [says: string, wire: Partial<FlowReport>, place: RegExp])[] = [
  ['nothing tells where', {}, /^somewhere between connect01 and 10\.1\.0\.5: nothing on the wire tells where$/],
  [
    'a trace ends behind a hop',
    { evidence: [trace(636, [{ ttl: 1, address: '10.1.0.1' }, { ttl: 2, address: '10.0.0.1' }, { ttl: 3 }])] },
    /^between core \(10\.0\.0\.1\) \(hop 2, the last that is heard\) and 10\.1\.0\.5; that hop may do it itself$/,
  ],
  [
    'another port goes on',
    {
      evidence: [
        trace(636, [{ ttl: 1, address: '10.1.0.1' }, { ttl: 2 }]),
        trace(389, [
          { ttl: 1, address: '10.1.0.1' },
          { ttl: 2, address: '10.0.0.1' },
          { ttl: 3, address: '10.1.0.5' },
        ]),
      ],
    },
    /^between 10\.1\.0\.1 \(hop 1, .+\) and core \(10\.0\.0\.1\), where packets for another port go on/,
  ],
  [
    'a hop says it itself',
    { evidence: [trace(636, [{ ttl: 1, address: '10.0.0.1', says: 'prohibited' }])] },
    /^at core \(10\.0\.0\.1\), which says so by ICMP$/,
  ],
  [
    'the sender of an ICMP message in a capture',
    { evidence: [packets({ icmp: [{ from: '10.0.0.1', family: 4, type: 3, code: 13 }] })] },
    /^at core \(10\.0\.0\.1\), which says so by ICMP$/,
  ],
  [
    'what is too big for a link is no word of a firewall',
    { evidence: [packets({ icmp: [{ from: '10.0.0.1', family: 4, type: 3, code: 4, mtu: 1400 }] })] },
    /^somewhere between/,
  ],
  [
    'who resets from nearer than the host',
    {
      evidence: [
        packets({ rst: { ttl: 62, afterMs: 1, before: 'syn-ack' } }),
        packets({ role: 'context', id: 'e2', synAck: { ttl: 123, afterMs: 1 } }),
      ],
    },
    /^2 hops from connect01 by the time to live of its reset, where 10\.1\.0\.5 is 5 away$/,
  ],
  [
    'the machine of the check itself',
    { owner: 'host', confidence: 'certain' },
    /^on connect01 itself: its own rules forbid it$/,
  ],
]

for (const [says, wire, place] of places) {
  test(`where it stands: ${says}`, () => {
    assert.match(placeOnWire(wireOf('blocked', { ...silent, ...wire }), named).says, place)
  })
}
