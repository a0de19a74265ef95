import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleText } from '../../test/ruleSetOf.ts'
import { askedOf, namesOf, ports, rangeOf, rangesOf, ruleSetOf, setOf, stageOf, tcp } from '../../test/ruleSetOf.ts'
import { noKnowledge } from './judge.ts'
import type { JudgedPath, PathDevice } from './judged.ts'
import type { PathOptions } from './judgePath.ts'
import { judgePath } from './judgePath.ts'
import type { Unknown } from './unknown.ts'

const limit: Unknown = { kind: 'limit', what: 'the rate' }
const flow = '10.1.0.10 > 20.190.128.1:443/tcp'
const natStages = [
  stageOf({ hook: 'prerouting', kind: 'destination-nat', chain: 'dnat', otherwise: { action: 'allow', name: 'none' } }),
  stageOf(),
  stageOf({ hook: 'postrouting', kind: 'source-nat', chain: 'snat', otherwise: { action: 'allow', name: 'none' } }),
]

function deviceOf(
  label: string,
  rules: Readonly<Record<string, RuleText>>,
  rest: Partial<PathDevice> = {},
): PathDevice {
  return { label, ruleSets: [ruleSetOf({ main: rules }, { name: `${label} rules` })], passage: 'forward', ...rest }
}

function natOf(
  label: string,
  dnat: Readonly<Record<string, RuleText>>,
  snat: Readonly<Record<string, RuleText>>,
): PathDevice {
  const ruleSet = ruleSetOf({ dnat, snat, main: { pass: { does: 'allow' } } }, { name: label, stages: natStages })
  return { label, ruleSets: [ruleSet], passage: 'forward' }
}

function summary({ verdict, parts }: JudgedPath): string {
  const told = parts.map((part) => {
    const steps = part.decidedBy.map(({ device, rule }) => `${device}:${rule}`).join(' ')
    return `${part.verdict} ${steps}${part.at === undefined ? '' : ` at ${part.at}`}`
  })
  return `${verdict} = ${told.join(' | ')}`
}

const rows: readonly {
  readonly says: string
  readonly devices: readonly PathDevice[]
  readonly flow?: string
  readonly given?: PathOptions
  readonly expect: string
}[] = [
  { says: 'without devices everything passes', devices: [], expect: 'allow = allow ' },
  {
    says: 'every device must let it pass, and each tells its rule',
    devices: [deviceOf('host', { a: { does: 'allow' } }), deviceOf('edge', { b: { does: 'allow' } })],
    expect: 'allow = allow host:a edge:b',
  },
  {
    says: 'the device that denies is told',
    devices: [deviceOf('host', { a: { does: 'allow' } }), deviceOf('edge', {})],
    expect: 'deny = drop host:a edge:default at edge',
  },
  {
    says: 'of several rule sets of one device all must let it pass',
    devices: [
      {
        label: 'vm',
        passage: 'forward',
        ruleSets: [ruleSetOf({ main: { s: { does: 'allow' } } }), ruleSetOf({ main: { n: { does: 'reject' } } })],
      },
    ],
    expect: 'deny = reject vm:s vm:n at vm',
  },
  {
    says: 'a doubt at the first device stays behind the second',
    devices: [
      deviceOf('host', { m: { does: 'drop', unknowns: [limit] }, a: { does: 'allow' } }),
      deviceOf('edge', { b: { does: 'allow' } }),
    ],
    expect: 'may = may host:m host:a edge:b at host',
  },
  {
    says: 'a denial behind a doubt is sure',
    devices: [deviceOf('host', { m: { does: 'drop', unknowns: [limit] }, a: { does: 'allow' } }), deviceOf('edge', {})],
    expect: 'deny = drop host:m host:a edge:default at edge',
  },
  {
    says: 'a later device sees the source that an earlier one made',
    devices: [
      natOf('nat', {}, { s: { does: { kind: 'translate', source: { to: rangesOf('203.0.113.10') } } } }),
      deviceOf('edge', { a: { does: 'allow', match: { source: setOf('203.0.113.10') } } }),
    ],
    expect: 'allow = allow nat:pass nat:s edge:a',
  },
  {
    says: 'what is led elsewhere is misdirected',
    devices: [natOf('nat', { d: { does: { kind: 'translate', destination: { to: rangesOf('192.0.2.9') } } } }, {})],
    expect: 'misdirected = misdirected nat:d nat:pass at nat',
  },
  {
    says: 'what is led to its true target arrives',
    devices: [natOf('nat', { d: { does: { kind: 'translate', destination: { to: rangesOf('192.0.2.9') } } } }, {})],
    given: { arrives: rangesOf('192.0.2.9') },
    expect: 'allow = allow nat:d nat:pass',
  },
]

for (const row of rows) {
  test(`path: ${row.says}`, () => {
    assert.equal(summary(judgePath(row.devices, askedOf(row.flow ?? flow), noKnowledge, row.given)), row.expect)
  })
}

test('path: a doubt about a whole device makes the path a may', () => {
  const unread: Unknown = { kind: 'unread', what: 'line 7' }
  const ruleSet = ruleSetOf({ main: { a: { does: 'allow' } } }, { doubts: [unread] })
  const judged = judgePath([{ label: 'edge', ruleSets: [ruleSet], passage: 'forward' }], askedOf(flow), noKnowledge)
  assert.equal(judged.verdict, 'may')
  assert.deepEqual(judged.parts[0]?.dependsOn, [unread])
})

test('path: parts are told of the flow as it set out, through a translation of one network to another', () => {
  const shift: RuleText = {
    match: { source: setOf('10.1.0.0/24') },
    does: { kind: 'translate', source: { to: rangesOf('172.16.5.0/24') } },
  }
  const devices = [
    natOf('nat', {}, { s: shift }),
    deviceOf('edge', { d: { does: 'drop', match: { source: setOf('172.16.5.7') } }, a: { does: 'allow' } }),
  ]
  const { verdict, parts } = judgePath(devices, askedOf('10.1.0.0/29 > 20.190.128.1:443/tcp'), noKnowledge)
  assert.equal(verdict, 'deny')
  const denied = parts.filter((part) => part.verdict === 'drop')
  assert.deepEqual(
    denied.map(({ source }) => source),
    [[rangeOf('10.1.0.7')]],
  )
  assert.deepEqual(
    parts.filter((part) => part.verdict === 'allow').map(({ source }) => source),
    [[rangeOf('10.1.0.0 - 10.1.0.6')]],
  )
})

test('path: the same in IPv6, where bounds of both devices differ', () => {
  const shift: RuleText = {
    match: { source: setOf('2001:db8:1::/64') },
    does: { kind: 'translate', source: { to: rangesOf('2001:db8:2::/64') } },
  }
  const devices = [
    natOf('nat', {}, { s: shift }),
    deviceOf('edge', { d: { does: 'drop', match: { source: setOf('2001:db8:2::7') } }, a: { does: 'allow' } }),
  ]
  const { parts } = judgePath(devices, askedOf('2001:db8:1::/125 > [2001:db8:9::1]:443/tcp'), noKnowledge)
  const drop = parts.filter((part) => part.verdict === 'drop')
  assert.deepEqual(
    drop.map(({ source }) => source),
    [[rangeOf('2001:db8:1::7')]],
  )
  const allow = parts.filter((part) => part.verdict === 'allow')
  assert.deepEqual(
    allow.map(({ source }) => source),
    [[rangeOf('2001:db8:1:: - 2001:db8:1::6')]],
  )
})

const toProxy: RuleText = {
  match: { destination: setOf('10.1.9.9'), protocols: tcp, destinationPorts: ports(3128) },
  does: 'allow',
}
const asNamed: RuleText = {
  match: {
    requestedNames: [{ text: '.msappproxy.net', name: 'msappproxy.net', covers: 'at-or-below' }],
    requests: ['connect'],
  },
  does: 'allow',
}
const proxy = { listens: rangesOf('10.1.9.9'), ports: ports(3128), connectsFrom: rangesOf('10.1.9.10') }

test('path: before a proxy the flow is one to the proxy, behind it one from the proxy', () => {
  const devices = [
    deviceOf('host', { p: toProxy }),
    deviceOf('squid', { n: asNamed }, { proxy }),
    deviceOf('edge', { e: { match: { source: setOf('10.1.9.10'), destinationPorts: ports(443) }, does: 'allow' } }),
  ]
  const judged = judgePath(devices, askedOf('10.1.0.10 > *.msappproxy.net:443'), noKnowledge)
  assert.equal(summary(judged), 'allow = allow host:p squid:n edge:e')
  assert.deepEqual(judged.parts[0]?.source, rangesOf('10.1.0.10'))
  assert.deepEqual(judged.parts[0].ports, [{ first: 443, last: 443 }])
  assert.equal(judged.parts[0].by, 'name')
})

test('path: a host that may not reach the proxy is told as such', () => {
  const devices = [
    deviceOf('host', { web: { match: { destinationPorts: ports(443) }, does: 'allow' } }),
    deviceOf('squid', { n: asNamed }, { proxy }),
  ]
  const judged = judgePath(devices, askedOf('10.1.0.10 > *.msappproxy.net:443'), noKnowledge)
  assert.equal(summary(judged), 'deny = drop host:default at host')
  assert.deepEqual(judged.parts[0]?.ports, [{ first: 443, last: 443 }])
})

test('path: a flow of the other family does not get to a proxy', () => {
  const devices = [deviceOf('squid', { n: asNamed }, { proxy })]
  assert.equal(summary(judgePath(devices, askedOf('2001:db8::1 > *.msappproxy.net:443'), noKnowledge)), 'no-path = ')
})

test('path: an object of the name before a proxy is not the proxy', () => {
  const devices = [
    deviceOf('host', { f: { match: { destination: namesOf('*.msappproxy.net') }, does: 'allow' } }),
    deviceOf('squid', { n: asNamed }, { proxy }),
  ]
  assert.equal(judgePath(devices, askedOf('10.1.0.10 > *.msappproxy.net:443'), noKnowledge).verdict, 'may')
})

test('path: a proxy with several addresses of which the edge allows one may pass', () => {
  const twice = { ...proxy, connectsFrom: rangesOf('10.1.9.10', '10.1.9.12') }
  const devices = [
    deviceOf('squid', { n: asNamed }, { proxy: twice }),
    deviceOf('edge', { e: { match: { source: setOf('10.1.9.10') }, does: 'allow' } }),
  ]
  const judged = judgePath(devices, askedOf('10.1.0.10 > *.msappproxy.net:443'), noKnowledge)
  assert.equal(judged.verdict, 'may')
  assert.ok(judged.parts[0]?.dependsOn.some(({ what }) => what === 'from which of its addresses the proxy connects'))
})
