import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditSite, toEntra } from '../../test/auditSite.ts'
import { flowOf } from '../../test/sampleFlows.ts'
import { addressesOf } from '../firewall/addresses.ts'
import { judgePath } from '../firewall/judgePath.ts'
import { rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import type { Hook, Match, Rule, RuleSet } from '../firewall/ruleset.ts'
import type { Unknown } from '../firewall/unknown.ts'
import type { AuditFlowReport } from '../model/auditReport.ts'
import type { Flow } from '../model/flow.ts'
import type { Device, DevicePath } from '../model/site.ts'
import { auditFlow } from './auditFlows.ts'
import { knowledgeOf } from './knowledgeOf.ts'
import type { ReadDevice } from './readDevices.ts'
import { readNameTable } from './readNameTable.ts'

/** A device with one stage for each hook, whose rules are tried in order and that drops what none matches. */
function deviceOf(
  name: string,
  stages: Partial<Record<Hook, readonly Match[]>>,
  parts: Partial<ReadDevice> = {},
): ReadDevice {
  const chains = Object.fromEntries(
    Object.entries(stages).map(([hook, matches]) => [
      hook,
      matches.map(
        (match, at): Rule => ({
          name: `${at + 1}`,
          span: { file: `${name}.conf`, line: 10 * (at + 1), text: `rule ${at + 1}` },
          match,
          action: { kind: 'allow' },
          unknowns: [],
        }),
      ),
    ]),
  )
  const ruleSet: RuleSet = {
    vendor: 'nftables',
    name,
    stages: (Object.keys(stages) as Hook[]).map((hook) => ({
      name: `filter ${hook}`,
      hook,
      kind: 'filter',
      chain: hook,
      otherwise: { action: 'drop', name: 'policy', span: { file: `${name}.conf`, line: 1, text: 'policy drop' } },
      stateful: true,
      addresses: 'current',
    })),
    chains,
    places: [],
    doubts: [],
  }
  return {
    name,
    vendor: 'nftables',
    stands: 'router',
    files: [`${name}.conf`],
    ruleSets: [ruleSet],
    coverage: { statements: 1, understood: 1, unread: [] },
    ...parts,
  }
}

const to = (prefix: string, port: number, source?: string): Match => ({
  protocols: [{ first: 6, last: 6 }],
  ...(prefix !== 'any' && { destination: addressesOf(rangesOfPrefix(prefix)) }),
  ...(source !== undefined && { source: addressesOf(rangesOfPrefix(source)) }),
  destinationPorts: [{ first: port, last: port }],
})

interface Given {
  readonly paths?: readonly DevicePath[]
  readonly devices: readonly ReadDevice[]
  readonly names?: string
}

function audit(flow: Flow, { paths = [], devices, names }: Given) {
  const tables =
    names === undefined ? [] : [{ kind: 'names', asOf: '2026-11-22', names: readNameTable(names) } as const]
  const declared = Object.fromEntries(
    devices.map(({ name }): [string, Device] => [
      name,
      { vendor: 'nftables', files: [`${name}.conf`], interfaces: {} },
    ]),
  )
  const site = { ...auditSite, paths, devices: declared }
  const ground = { site, devices: new Map(devices.map((one) => [one.name, one])), knowledge: knowledgeOf(tables, site) }
  return auditFlow(flow, ground, judgePath)
}

function judged(flow: Flow, given: Given): AuditFlowReport {
  const outcome = audit(flow, given)
  assert.ok('report' in outcome, 'why' in outcome ? outcome.why : '')
  return outcome.report
}

const out: readonly DevicePath[] = [{ from: 'connect01', to: 'internet', through: ['edge'] }]

test('a rule for all addresses allows a name that nobody resolved, and one for some of them may', () => {
  const open = judged(toEntra, { paths: out, devices: [deviceOf('edge', { forward: [to('any', 443)] })] })
  assert.deepEqual(
    [open.verdict, open.decidedBy[0]?.line, open.says],
    ['allow', 10, 'allowed by 1 of edge, filter forward (edge.conf:10)'],
  )
  const narrow = { paths: out, devices: [deviceOf('edge', { forward: [to('20.190.128.0/18', 443)] })] }
  assert.equal(judged(toEntra, narrow).verdict, 'may')
  const known = judged(toEntra, { ...narrow, names: 'login.microsoftonline.com 20.190.129.5\n' })
  assert.deepEqual([known.verdict, known.addressesAsOf], ['allow', '2026-11-22'])
  const elsewhere = judged(toEntra, { ...narrow, names: 'login.microsoftonline.com 40.126.1.1\n' })
  assert.deepEqual([elsewhere.verdict, elsewhere.denial, elsewhere.decidedBy.at(-1)?.line], ['deny', 'drop', 1])
  assert.equal(elsewhere.fix, 'allow tcp 10.1.0.10 -> login.microsoftonline.com:443 on edge, before policy')
})

test('a flow without a device on its way is not judged, with the path to add', () => {
  assert.deepEqual(audit(toEntra, { devices: [deviceOf('edge', { forward: [to('any', 443)] })] }), {
    flow: toEntra,
    why: 'no device known between connect01 and internet',
    add: 'a path to the site file: { from: connect01, to: internet, through: [DEVICE] }',
  })
})

const host = (protects?: readonly string[]): ReadDevice =>
  deviceOf(
    'hostfw',
    { output: [to('any', 443)], input: [to('any', 636)] },
    {
      stands: 'host',
      ...(protects !== undefined && { protects }),
    },
  )

const ldaps = flowOf({
  flow: 't1-ldaps',
  to: 'dc01',
  toRole: 'domain-controller',
  purpose: 'directory',
  target: { name: 'dc01.corp.example', address: '10.1.0.5', port: 636, transport: 'tcp', service: 'ldaps' },
})

test('the firewall of one machine is that of the end inside where the other is outside', () => {
  const devices = [host()]
  const paths = [{ from: 'connect01', to: 'internet', through: ['hostfw'] }]
  assert.deepEqual(judged(toEntra, { paths, devices }).through, [{ device: 'hostfw', passage: 'output' }])
})

test('between two machines it has to be said whose it is, or its place on the path says it', () => {
  const alone = [{ from: 'connect01', to: 'dc01', through: ['hostfw'] }]
  const left = audit(ldaps, { paths: alone, devices: [host()] })
  assert.ok('why' in left)
  assert.match(left.add, /^protects: \[connect01\] or \[dc01\] to hostfw/)
  assert.equal(judged(ldaps, { paths: alone, devices: [host(['dc01'])] }).verdict, 'allow')
  assert.equal(judged(ldaps, { paths: alone, devices: [host(['connect01'])] }).verdict, 'deny')
  assert.deepEqual(
    judged(ldaps, { paths: alone, devices: [host(['servers'])] }).through.map(({ passage }) => passage),
    ['output', 'input'],
  )
  const behind = [{ from: 'connect01', to: 'dc01', through: ['edge', 'hostfw'] }]
  const edge = deviceOf('edge', { forward: [to('any', 636)] })
  assert.equal(judged(ldaps, { paths: behind, devices: [edge, host()] }).verdict, 'allow')
  const neither = audit(ldaps, { paths: alone, devices: [host(['staff'])] })
  assert.ok('why' in neither)
  assert.match(neither.why, /^hostfw protects neither connect01 nor dc01/)
})

const bySquid = { ...toEntra, via: 'egress' }

test('what goes by a proxy of the site is asked to the proxy before it, and from the proxy behind it', () => {
  const paths = [
    { from: 'connect01', to: 'squid01', through: ['inner'] },
    { from: 'squid01', to: 'internet', through: ['edge'] },
  ]
  const inner = deviceOf('inner', { forward: [to('10.1.0.40', 3128, '10.1.0.10')] })
  const edge = deviceOf('edge', { forward: [to('any', 443, '10.1.0.40')] })
  const report = judged(bySquid, { paths, devices: [inner, edge] })
  assert.equal(report.verdict, 'allow')
  assert.deepEqual(
    report.through.map(({ device }) => device),
    ['inner', 'egress', 'edge'],
  )
  const straight = deviceOf('edge', { forward: [to('any', 443, '10.1.0.10')] })
  const denied = judged(bySquid, { paths, devices: [inner, straight] })
  assert.deepEqual([denied.verdict, denied.decidedBy.at(-1)?.device], ['deny', 'edge'])
})

test('on which side of a proxy a device stands is not guessed, unless the proxy is on the internet', () => {
  const devices = [deviceOf('edge', { forward: [to('203.0.114.9', 8080)] })]
  const left = audit(bySquid, { paths: out, devices })
  assert.ok('why' in left)
  assert.match(left.why, /no path says on which side of it edge stands/)
  assert.equal(judged({ ...toEntra, via: 'cloud' }, { paths: out, devices }).verdict, 'allow')
  const unknown = audit({ ...toEntra, via: 'far' }, { paths: out, devices })
  assert.ok('why' in unknown)
  assert.match(unknown.why, /^the address of the proxy far \(proxy\.elsewhere\.example\) is not known/)
})

test('rows of address ranges are judged by the table of tags, and may without one', () => {
  const ranges = flowOf({
    flow: 't6a-direct-ip',
    to: 'azure-datacenter-ips',
    toRole: 'azure-datacenter-ips',
    direction: 'outbound-internet',
    purpose: 'ranges',
    target: {
      port: 443,
      transport: 'tcp',
      service: 'https',
      undialled: 'speaks of address ranges: proven by audit only',
    },
  })
  const devices = [deviceOf('edge', { forward: [to('20.0.0.0/8', 443)] })]
  assert.equal(judged(ranges, { paths: out, devices }).verdict, 'may')
})

test('a flow that must be closed is open where any part of it is', () => {
  const forbidden = flowOf({
    ...ldaps,
    flow: 'no-ldaps',
    from: 'staff',
    fromRole: 'user-client',
    fromAddresses: ['10.2.0.0/16'],
    expect: 'closed',
    necessity: 'not-required',
  })
  const paths = [{ from: 'staff', to: 'dc01', through: ['edge'] }]
  const some = judged(forbidden, { paths, devices: [deviceOf('edge', { forward: [to('any', 636, '10.2.7.0/24')] })] })
  assert.equal(some.verdict, 'allow')
  assert.match(some.fix ?? '', /^take out 1 of edge, filter forward \(edge\.conf:10\), or narrow it/)
  assert.equal(judged(forbidden, { paths, devices: [deviceOf('edge', { forward: [] })] }).verdict, 'deny')
})

test('ends without addresses, and a port that nobody settled, are said instead of guessed', () => {
  const devices = [deviceOf('edge', { forward: [to('any', 443)] })]
  const why = (flow: Flow): string => {
    const outcome = audit(flow, { paths: out, devices })
    return 'why' in outcome ? outcome.why : outcome.report.verdict
  }
  assert.equal(
    why({ ...toEntra, from: 'nobody', fromRole: 'pta-agent', fromAddresses: [] }),
    'no host of the site plays nobody',
  )
  assert.equal(why({ ...toEntra, direction: 'local' }), 'they stay on one host')
  assert.match(
    why({ ...toEntra, target: { ...toEntra.target, port: null, undialled: 'the port is that of the internal URL' } }),
    /^their port is not known/,
  )
  assert.match(
    why({ ...toEntra, fromAddresses: ['2001:db8::1'], target: { ...toEntra.target, address: '20.190.128.1' } }),
    /no addresses of one family/,
  )
})

test('a doubt on the way is told at the rule that has it, and not at one behind it that allows', () => {
  const doubtful = host(['connect01'])
  const [ruleSet] = doubtful.ruleSets
  assert.ok(ruleSet)
  const chains = Object.fromEntries(
    Object.entries(ruleSet.chains).map(([name, rules]) => [
      name,
      rules.map((rule): Rule => ({ ...rule, unknowns: [{ kind: 'process', what: 'the program' }] })),
    ]),
  )
  const edge = deviceOf('edge', { forward: [to('any', 443)] })
  const report = judged(toEntra, {
    paths: [{ from: 'connect01', to: 'internet', through: ['hostfw', 'edge'] }],
    devices: [{ ...doubtful, ruleSets: [{ ...ruleSet, chains }] }, edge],
  })
  assert.deepEqual([report.verdict, report.decidedBy.at(-1)?.device], ['may', 'hostfw'])
  assert.deepEqual(
    report.dependsOn.map(({ what }) => what),
    ['the program'],
  )
  assert.match(report.says, /^depends on the program, at 1 of hostfw, filter output \(hostfw\.conf:10\)$/)
})

test('of a name whose addresses decide, the parts say for which, and its addresses are what it depends on', () => {
  const devices = [deviceOf('edge', { forward: [to('20.190.128.0/18', 443)] })]
  const report = judged(toEntra, { paths: out, devices })
  assert.deepEqual(report.dependsOn, [{ kind: 'names', what: 'the addresses of login.microsoftonline.com' }])
  const allowed = report.parts.find(({ verdict }) => verdict === 'allow')
  assert.deepEqual(allowed?.for.destinations, ['20.190.128.0/18'])
  const closed = judged(toEntra, { paths: out, devices: [deviceOf('edge', { forward: [] })] })
  assert.deepEqual(closed.parts[0]?.for.destinations, ['login.microsoftonline.com'])
})

test('a fix names the ends that its device sees: the proxy behind it, and where the proxy listens before it', () => {
  const paths = [
    { from: 'connect01', to: 'squid01', through: ['inner'] },
    { from: 'squid01', to: 'internet', through: ['edge'] },
  ]
  const inner = deviceOf('inner', { forward: [to('10.1.0.40', 3128, '10.1.0.10')] })
  const edge = deviceOf('edge', { forward: [to('any', 443, '10.1.0.40')] })
  const behind = judged(bySquid, { paths, devices: [inner, deviceOf('edge', { forward: [] })] })
  assert.equal(behind.fix, 'allow tcp 10.1.0.40 (egress) -> login.microsoftonline.com:443 on edge, before policy')
  const before = judged(bySquid, { paths, devices: [deviceOf('inner', { forward: [] }), edge] })
  assert.equal(before.fix, 'allow tcp 10.1.0.10 -> 10.1.0.40:3128 (egress) on inner, before policy')
  const closed = judged({ ...bySquid, expect: 'closed' }, { paths, devices: [inner, edge] })
  assert.match(closed.fix ?? '', /so that it leaves out tcp 10\.1\.0\.40 \(egress\) -> /)
})

test('of a name of which some addresses pass, the fix says where it does not', () => {
  const devices = [deviceOf('edge', { forward: [to('20.190.128.0/18', 443)] })]
  const names = 'login.microsoftonline.com 20.190.129.5\nlogin.microsoftonline.com 40.126.1.1\n'
  const some = judged(toEntra, { paths: out, devices, names })
  assert.equal(
    some.fix,
    'allow tcp 10.1.0.10 -> login.microsoftonline.com:443 (where it is 40.126.1.1) on edge, before policy',
  )
})

test('where no line denies, the fix names none to go before', () => {
  const edge = deviceOf('edge', { forward: [] })
  const [ruleSet] = edge.ruleSets
  assert.ok(ruleSet)
  const stages = ruleSet.stages.map((stage) => ({
    ...stage,
    otherwise: { action: 'drop' as const, name: 'no line fits' },
  }))
  const report = judged(toEntra, { paths: out, devices: [{ ...edge, ruleSets: [{ ...ruleSet, stages }] }] })
  assert.equal(report.fix, 'allow tcp 10.1.0.10 -> login.microsoftonline.com:443 on edge, where no rule allows it yet')
})

test('of a flow that must be closed and may pass, the fix is a rule that denies it, or what settles the doubt', () => {
  const devices = [deviceOf('edge', { forward: [to('20.190.128.0/18', 443)] })]
  const closed = judged(
    { ...toEntra, expect: 'closed', target: { ...toEntra.target, name: 'crl.example' } },
    { paths: out, devices },
  )
  const doubt: Unknown = { kind: 'time', what: 'the time' }
  const [ruleSet] = deviceOf('edge', { forward: [to('any', 443)] }).ruleSets
  assert.ok(ruleSet)
  const rules = (ruleSet.chains['forward'] ?? []).map((rule): Rule => ({ ...rule, unknowns: [doubt] }))
  const may = judged(
    { ...toEntra, expect: 'closed' },
    { paths: out, devices: [deviceOf('edge', {}, { ruleSets: [{ ...ruleSet, chains: { forward: rules } }] })] },
  )
  assert.equal(closed.verdict, 'allow')
  assert.equal(
    may.fix,
    'deny tcp 10.1.0.10 -> login.microsoftonline.com:443 on edge, before 1; or prove it on the wire: postern check',
  )
})

test('a list that may not be attached is told where it would deny, and not at what allows behind it', () => {
  const first = deviceOf('first', { output: [] }, { stands: 'host', protects: ['connect01'] })
  const [ruleSet] = first.ruleSets
  assert.ok(ruleSet)
  const attachedTo = {
    sure: [],
    possible: [
      { within: rangesOfPrefix('10.1.0.0/24'), because: { kind: 'place' as const, what: 'what it is attached to' } },
    ],
  }
  const stages = ruleSet.stages.map((stage) => ({ ...stage, attachedTo }))
  const report = judged(toEntra, {
    paths: [{ from: 'connect01', to: 'internet', through: ['first', 'edge'] }],
    devices: [{ ...first, ruleSets: [{ ...ruleSet, stages }] }, deviceOf('edge', { forward: [to('any', 443)] })],
  })
  assert.deepEqual([report.verdict, report.decidedBy.at(-1)?.device], ['may', 'first'])
})
