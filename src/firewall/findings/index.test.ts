import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mix } from '../../../test/firewall/randomRuleSets.ts'
import { plain, randomRuleSet, seeded } from '../../../test/firewall/randomRuleSets.ts'
import { auditedOf, net, rule, ruleSetOf, tcp } from '../../../test/firewall/writtenRules.ts'
import type { Finding } from '../../model/finding.ts'
import { unknownAddresses } from '../addresses.ts'
import type { Audited } from '../audited.ts'
import { auditFindingRows } from '../findingRows.ts'
import { findingRules } from './index.ts'

const everything = (audited: Audited): readonly Finding[] => findingRules.flatMap((find) => find(audited))
/** Small lists are wide in one way or another: what is too open is told in scenarios of its own. */
const openness: ReadonlySet<string> = new Set(['open-inbound', 'open-wide'])
const all = (audited: Audited): readonly Finding[] => everything(audited).filter(({ code }) => !openness.has(code))
const missing = { kind: 'reference', what: 'the group "servers"' } as const
const feed = { kind: 'unread', what: 'a statement that was not understood' } as const

const inside = { source: net('10.0.0.0/8') }
const web = rule('web', { ...tcp(443), source: net('10.1.0.0/16') }, 'allow')

interface Row {
  readonly says: string
  readonly audited: Audited
  /** Of the one finding: what it has at least. */
  readonly finding: Partial<Finding>
}

const rows: readonly Row[] = [
  {
    says: 'a shadowed rule that a required flow needs is grave, and names what takes its packets',
    audited: auditedOf(ruleSetOf([rule('deny', inside, 'drop'), web]), ['10.1.0.10 > 192.0.2.1:443/tcp']),
    finding: {
      code: 'shadowed',
      severity: 'high',
      what: 'rule "web" of forward can never match',
      where: { file: 'edge', line: 2 },
      why: '"deny" (line 1) takes all its packets first; it drops what this one allows',
      next: 'move it before "deny" (line 1) if it is meant to hold, else take it out; then audit again',
      flows: ['10.1.0.10 > 192.0.2.1:443/tcp'],
    },
  },
  {
    says: 'a shadowed rule that harms no flow is less grave',
    audited: auditedOf(ruleSetOf([rule('deny', inside, 'drop'), web]), ['10.1.0.10 > 192.0.2.1:80/tcp']),
    finding: { code: 'shadowed', severity: 'medium', flows: [] },
  },
  {
    says: 'a rule under several that do the same is redundant, and all of them are named',
    audited: auditedOf(
      ruleSetOf([
        rule('low', tcp(1, 500), 'allow'),
        rule('high', tcp(501, 900), 'allow'),
        rule('both', tcp(400, 600), 'allow'),
      ]),
    ),
    finding: {
      code: 'redundant',
      severity: 'low',
      what: 'rule "both" of forward can never match, and changes nothing',
      why: '"low" (line 1) and "high" (line 2) take all its packets first, and do the same',
      where: { file: 'edge', line: 3 },
    },
  },
  {
    says: 'a rule that a later one makes superfluous',
    audited: auditedOf(ruleSetOf([web, rule('all', { protocols: [{ first: 6, last: 6 }] }, 'allow')])),
    finding: {
      code: 'redundant',
      severity: 'info',
      what: 'rule "web" of forward changes nothing',
      why: '"all" (line 2) allows the same packets later, and no rule between does anything else to them',
    },
  },
  {
    says: 'exceptions of a wider rule',
    audited: auditedOf(
      ruleSetOf([
        rule('not these', { ...tcp(443), source: net('10.1.0.0/16') }, 'drop'),
        rule('inside', inside, 'allow'),
      ]),
    ),
    finding: {
      code: 'generalised',
      severity: 'info',
      what: 'rule "inside" of forward has exceptions before it',
      why: 'it allows all but what "not these" (line 1) took before',
      where: { file: 'edge', line: 2 },
    },
  },
  {
    says: 'rules that cross where a required flow goes',
    audited: auditedOf(
      ruleSetOf([
        rule('to web', { ...tcp(443) }, 'allow'),
        rule('from guests', { source: net('10.9.0.0/16') }, 'drop'),
      ]),
      ['10.9.0.1 > 192.0.2.1:443/tcp', '10.1.0.1 > 192.0.2.1:443/tcp'],
    ),
    finding: {
      code: 'correlated',
      severity: 'low',
      what: 'only their order decides between rule "to web" of forward and "from guests"',
      why: '"to web" (line 1) allows part of what "from guests" drops, and 10.9.0.1 > 192.0.2.1:443/tcp goes through that part',
      where: { file: 'edge', line: 2 },
      flows: ['10.9.0.1 > 192.0.2.1:443/tcp'],
    },
  },
  {
    says: 'a chain that nothing leads to',
    audited: auditedOf(ruleSetOf([], { old: [rule('a', tcp(443), 'allow'), rule('b', {}, 'drop')] })),
    finding: {
      code: 'dead-code',
      what: 'chain old of edge is never asked',
      why: 'no hook and no rule leads to it, so that its 2 rules do nothing',
      where: { file: 'edge', line: 1 },
    },
  },
  {
    says: 'an empty chain that packets are sent to',
    audited: auditedOf(ruleSetOf([rule('to local', {}, { kind: 'jump', chain: 'local' })], { local: [] })),
    finding: {
      code: 'dead-code',
      severity: 'info',
      what: 'chain local of edge has no rules',
      why: '"to local" (edge, line 1) sends packets there, and they come back as they went',
    },
  },
  {
    says: 'a rule for an empty group matches nothing',
    audited: auditedOf(ruleSetOf([rule('empty', { source: net() }, 'allow')])),
    finding: { code: 'dead-code', severity: 'low', what: 'rule "empty" of forward matches no packet' },
  },
  {
    says: 'a group that is nowhere, on which a required flow depends',
    audited: auditedOf(
      ruleSetOf([
        rule('servers', { ...tcp(443), destination: unknownAddresses(missing) }, 'allow'),
        rule('servers 80', { ...tcp(80), destination: unknownAddresses(missing) }, 'allow'),
      ]),
      ['10.1.0.1 > 192.0.2.1:443/tcp'],
    ),
    finding: {
      code: 'dangling-reference',
      severity: 'high',
      what: 'edge refers to what is not there: the group "servers"',
      why: '"servers" (line 1) and "servers 80" (line 2) refer to it; whether it matches is not known',
      where: { file: 'edge', line: 1 },
      flows: ['10.1.0.1 > 192.0.2.1:443/tcp'],
    },
  },
  {
    says: 'a chain that is nowhere',
    audited: auditedOf(ruleSetOf([rule('to local', tcp(443), { kind: 'jump', chain: 'local' })])),
    finding: {
      code: 'dangling-reference',
      severity: 'medium',
      what: 'edge refers to what is not there: the chain local',
    },
  },
  {
    says: 'a statement that nobody understood, on which a flow depends',
    audited: auditedOf(
      ruleSetOf([rule('odd', tcp(443), { kind: 'unknown' }, { unknowns: [feed] })]),
      ['10.1.0.1 > 192.0.2.1:443/tcp'],
      [],
      [{ span: { file: 'edge', line: 1, text: 'match odd' }, why: 'match "odd" is not known' }],
    ),
    finding: {
      code: 'unread-statement',
      severity: 'medium',
      what: 'edge: not understood: match odd',
      why: 'match "odd" is not known; the verdict on 10.1.0.1 > 192.0.2.1:443/tcp depends on it',
      where: { file: 'edge', line: 1 },
      flows: ['10.1.0.1 > 192.0.2.1:443/tcp'],
    },
  },
]

for (const { says, audited, finding } of rows) {
  test(says, () => {
    const [told, ...others] = all(audited)
    assert.deepEqual(others, [])
    const keys = Object.keys(finding)
    assert.deepEqual(Object.fromEntries(Object.entries(told ?? {}).filter(([key]) => keys.includes(key))), finding)
  })
}

test('a shadowed denial harms what must be closed, and passes', () => {
  const flow = '10.1.0.1 > 192.0.2.1:443/tcp'
  const ruleSet = ruleSetOf([rule('all', inside, 'allow'), rule('no web', { ...tcp(443), ...inside }, 'drop')])
  const told = all(auditedOf(ruleSet, [], [flow]))
  assert.deepEqual(
    told.map(({ code, severity, flows }) => ({ code, severity, flows })),
    [
      { code: 'forbidden-flow-open', severity: 'high', flows: [flow] },
      { code: 'shadowed', severity: 'high', flows: [flow] },
    ],
  )
})

test('where order decides nothing, none is advised', () => {
  const nsg = { ...ruleSetOf([rule('deny', inside, 'drop'), web]), vendor: 'azure-nsg' as const }
  assert.match(all(auditedOf(nsg))[0]?.next ?? '', /^give it a smaller priority number than "deny" /)
  const crossing = [rule('to web', tcp(443), 'drop'), rule('from guests', { source: net('10.9.0.0/16') }, 'allow')]
  const host = { ...ruleSetOf(crossing), vendor: 'windows' as const }
  assert.deepEqual(all(auditedOf(host, ['10.9.0.1 > 192.0.2.1:443/tcp'])), [])
})

const crossing = [rule('to web', tcp(443), 'allow'), rule('from guests', { source: net('10.9.0.0/16') }, 'drop')]

/** Each finding's twin: the same, but for what is wrong. */
const wells: readonly (readonly [says: string, audited: Audited])[] = [
  [
    'a rule that another takes part of alone',
    auditedOf(ruleSetOf([rule('deny', { ...tcp(1, 900), source: net('10.1.2.0/24') }, 'drop'), web])),
  ],
  [
    'a rule of which several that do the same leave a port',
    auditedOf(
      ruleSetOf([
        rule('low', tcp(1, 500), 'allow'),
        rule('high', tcp(502, 900), 'allow'),
        rule('both', tcp(400, 600), 'allow'),
      ]),
    ),
  ],
  ['rules that cross where no required flow goes', auditedOf(ruleSetOf(crossing), ['10.1.0.1 > 192.0.2.1:443/tcp'])],
  [
    'a chain that a rule leads to',
    auditedOf(
      ruleSetOf([rule('to local', inside, { kind: 'jump', chain: 'local' })], {
        local: [rule('a', tcp(443), 'allow')],
      }),
    ),
  ],
  [
    'a group that is there',
    auditedOf(ruleSetOf([rule('servers', { ...tcp(443), destination: net('192.0.2.0/24') }, 'allow')]), [
      '10.1.0.1 > 192.0.2.1:443/tcp',
    ]),
  ],
]

for (const [says, audited] of wells) test(`no finding: ${says}`, () => assert.deepEqual(all(audited), []))

test('lists that are well have no findings', () => {
  const well = auditedOf(
    ruleSetOf([web, rule('dns', { ...tcp(53), source: net('10.0.0.0/8') }, 'allow'), rule('rest', {}, 'drop')]),
    ['10.1.0.1 > 192.0.2.1:443/tcp'],
    ['192.0.2.1 > 10.1.0.1:443/tcp'],
  )
  assert.deepEqual(all(well), [])
})

test('of thousands some are told, the gravest first, and how many more there are', () => {
  const rules = Array.from({ length: 3000 }, (_, at) => rule(`web ${at}`, { ...tcp(at + 1), ...inside }, 'allow'))
  const unread = Array.from({ length: 900 }, (_, at) => ({
    span: { file: 'edge', line: at + 1, text: `odd ${at}` },
    why: 'odd',
  }))
  const ruleSet = ruleSetOf([rule('deny', inside, 'drop'), ...rules])
  const findings = all(auditedOf(ruleSet, ['10.1.0.1 > 192.0.2.1:2900/tcp'], [], unread))
  const shadowed = findings.filter(({ code }) => code === 'shadowed')
  assert.equal(shadowed.length, 50)
  assert.equal(shadowed[0]?.severity, 'high')
  assert.equal(shadowed[0]?.what, 'rule "web 2899" of forward can never match')
  assert.match(shadowed.at(-1)?.what ?? '', /^2951 more are shadowed; the first of them: rule "web 48" /)
  const odd = findings.filter(({ code }) => code === 'unread-statement')
  assert.equal(odd.length, 21)
  assert.match(odd.at(-1)?.what ?? '', /880 more statements are not understood/)
})

test('findings of any rule set have a place, a reason and a next step, and stay few', () => {
  const mixes: readonly Partial<Mix>[] = [
    { chains: 3, jumps: 40, unknowns: 15, rules: 40 },
    { translation: true, places: true, rules: 25, names: true },
    { stateful: false, stages: 3, tags: true, unknowns: 20 },
    { passage: 'input', stages: 2, rules: 30 },
  ]
  for (let seed = 1; seed <= 120; seed += 1) {
    const mix: Mix = { ...plain, ...mixes[seed % mixes.length] }
    const random = seeded(seed)
    const ruleSet = randomRuleSet(random, mix)
    const given = auditedOf(ruleSet, ['10.0.0.1 > 10.0.0.9:443/tcp', '10.0.0.20 > 10.0.0.2:441/udp'])
    const inside = net('10.0.0.0/27').sure
    const findings = everything(
      seed % 2 === 0 ? given : { ...given, site: { cloud: 'worldwide', planned: [], inside } },
    )
    assert.ok(findings.length < 400)
    for (const { code, what, why, next, where } of findings) {
      assert.ok(what.length > 0 && why.length > 0 && next.length > 0 && where.line !== undefined, code)
      assert.doesNotMatch(`${what} ${why} ${next}`, /undefined|NaN|\[object|""/)
      assert.ok(Object.hasOwn(auditFindingRows, code), code)
    }
  }
})

test('the order of two rules is no finding where an earlier rule takes the flow, or where its denial names the first', () => {
  const flows = ['10.9.0.1 > 192.0.2.1:443/tcp']
  const web = rule('to web', { ...tcp(443) }, 'allow')
  const guests = rule('from guests', { source: net('10.9.0.0/16') }, 'drop')
  const one = rule('one', { ...tcp(443), source: net('10.9.0.1/32') }, 'drop')
  const codes = (rules: Parameters<typeof ruleSetOf>[0]): readonly string[] =>
    everything(auditedOf(ruleSetOf(rules), flows)).map(({ code }) => code)
  assert.ok(codes([web, guests]).includes('correlated'))
  assert.ok(!codes([one, web, guests]).includes('correlated'))
  assert.ok(!codes([guests, web]).includes('correlated'))
})

test('a denial before the denial of everything else is no finding, since it holds what comes between', () => {
  const closed = rule('closed', tcp(3389), 'drop')
  const rest = rule('rest', {}, 'drop')
  const codes = (rules: Parameters<typeof ruleSetOf>[0]): readonly string[] =>
    everything(auditedOf(ruleSetOf(rules))).map(({ code }) => code)
  assert.ok(!codes([closed, web, rest]).includes('redundant'))
  assert.ok(codes([closed, web, rule('most', { protocols: [{ first: 6, last: 6 }] }, 'drop')]).includes('redundant'))
})
