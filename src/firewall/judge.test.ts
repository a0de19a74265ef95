import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleText } from '../../test/ruleSetOf.ts'
import {
  askedOf,
  namesOf,
  ports,
  rangeOf,
  rangesOf,
  ruleSetOf,
  setOf,
  stageOf,
  tagOf,
  tcp,
} from '../../test/ruleSetOf.ts'
import { judge, noKnowledge } from './judge.ts'
import type { AskedFlow, Judged, Knowledge, Passage } from './judged.ts'
import type { RuleSet } from './ruleset.ts'
import type { Unknown } from './unknown.ts'

const limit: Unknown = { kind: 'limit', what: 'the rate' }
const time: Unknown = { kind: 'time', what: 'the time of day' }
const gone: Unknown = { kind: 'reference', what: 'the object gone' }

interface Row {
  readonly says: string
  readonly main: Readonly<Record<string, RuleText>>
  readonly chains?: Readonly<Record<string, Readonly<Record<string, RuleText>>>>
  readonly rest?: Partial<Omit<RuleSet, 'chains'>>
  readonly flow?: string
  readonly asked?: Partial<AskedFlow>
  readonly passage?: Passage
  readonly knowledge?: Knowledge
  readonly expect: Judged['verdict']
  readonly denial?: Judged['denial']
  /** Names of the rules that decided, of every part, in the order of the parts. */
  readonly by?: string
  readonly dependsOn?: string
}

const flow = '10.1.0.10 > 20.190.128.1:443/tcp'

function check(rows: readonly Row[]): void {
  for (const row of rows) {
    test(row.says, () => {
      const ruleSet = ruleSetOf({ dnat: {}, snat: {}, in: {}, main: row.main, ...row.chains }, row.rest)
      const asked = askedOf(row.flow ?? flow, row.asked)
      const judged = judge(ruleSet, asked, row.passage ?? 'forward', row.knowledge ?? noKnowledge)
      assert.equal(
        judged.verdict,
        row.expect,
        JSON.stringify(judged, (_, value) => (typeof value === 'bigint' ? `${value}` : value), 1),
      )
      if (row.denial !== undefined) assert.equal(judged.denial, row.denial)
      if (row.by !== undefined) {
        assert.equal(
          judged.parts.map(({ decidedBy }) => decidedBy.map(({ rule }) => rule).join(' ')).join(' | '),
          row.by,
        )
      }
      if (row.dependsOn !== undefined) {
        const reasons = new Set(judged.parts.flatMap(({ dependsOn }) => dependsOn.map(({ what }) => what)))
        assert.equal([...reasons].join(' | '), row.dependsOn)
      }
    })
  }
}

const web = { protocols: tcp, destinationPorts: ports(443) }

check([
  {
    says: 'the first rule that matches decides',
    main: { a: { does: 'allow', match: web }, b: { does: 'drop' } },
    expect: 'allow',
    by: 'a',
  },
  {
    says: 'a rule of another protocol does not match',
    main: { a: { does: 'allow', match: { protocols: [{ first: 17, last: 17 }] } } },
    expect: 'deny',
    denial: 'drop',
    by: 'default',
  },
  {
    says: 'a rule of another family does not match',
    main: { a: { does: 'drop', match: { family: 6 } }, b: { does: 'allow' } },
    expect: 'allow',
    by: 'b',
  },
  {
    says: 'where no rule matches, what is done otherwise is told',
    main: {},
    rest: { stages: [stageOf({ otherwise: { action: 'reject', name: 'policy' } })] },
    expect: 'deny',
    denial: 'reject',
    by: 'policy',
  },
  {
    says: 'each address of the flow is judged, and all of them must pass',
    main: { one: { does: 'allow', match: { destination: setOf('20.190.128.0/25') } } },
    flow: '10.1.0.10 > 20.190.128.0/24:443/tcp',
    expect: 'deny',
    by: 'default | one',
  },
  {
    says: 'rules that cover a flow only together let it pass',
    main: {
      low: { does: 'allow', match: { destination: setOf('20.190.128.0/25') } },
      high: { does: 'allow', match: { destination: setOf('20.190.128.128/25') } },
    },
    flow: '10.1.0.10 > 20.190.128.0/24:443/tcp',
    expect: 'allow',
  },
  {
    says: 'a jump comes back behind itself where its chain ends',
    main: { j: { does: 'jump side' }, a: { does: 'allow' } },
    chains: { side: { c: { does: 'continue' } } },
    expect: 'allow',
    by: 'a',
  },
  {
    says: 'a goto does not come back to its own chain',
    main: { g: { does: 'goto side' }, a: { does: 'allow' } },
    chains: { side: { c: { does: 'continue' } } },
    expect: 'deny',
    by: 'default',
  },
  {
    says: 'a goto in a chain that was jumped to comes back behind the jump',
    main: { j: { does: 'jump one' }, a: { does: 'allow' } },
    chains: { one: { g: { does: 'goto two' }, d: { does: 'drop' } }, two: {} },
    expect: 'allow',
    by: 'a',
  },
  {
    says: 'return leaves the chain, and in the first chain what is done otherwise follows',
    main: { r: { does: 'return' }, a: { does: 'allow' } },
    expect: 'deny',
    by: 'default',
  },
  { says: 'a chain that leads to itself may do anything', main: { j: { does: 'jump main' } }, expect: 'may' },
  {
    says: 'a chain that is not there is an unknown reference',
    main: { j: { does: 'jump nowhere' } },
    expect: 'unknown-ref',
  },
])

check([
  {
    says: 'an allow that may match, before a drop, may pass',
    main: { m: { does: 'allow', unknowns: [limit] }, d: { does: 'drop' } },
    expect: 'may',
    by: 'm d',
    dependsOn: 'the rate',
  },
  {
    says: 'an allow that may match, before an allow, passes',
    main: { m: { does: 'allow', unknowns: [limit] }, a: { does: 'allow' } },
    expect: 'allow',
    by: 'a',
    dependsOn: '',
  },
  {
    says: 'a drop that may match, before a drop, drops',
    main: { m: { does: 'drop', unknowns: [limit] }, d: { does: 'drop' } },
    expect: 'deny',
    by: 'd',
  },
  {
    says: 'a drop that may match, before an allow, may pass',
    main: { m: { does: 'drop', unknowns: [time] }, a: { does: 'allow' } },
    expect: 'may',
    by: 'm a',
    dependsOn: 'the time of day',
  },
  {
    says: 'a rule of unknown deed may do anything',
    main: { u: { does: 'unknown', unknowns: [limit] }, a: { does: 'allow' } },
    expect: 'may',
    dependsOn: 'the rate',
  },
  {
    says: 'a missing object that decides is an unknown reference',
    main: { m: { does: 'allow', unknowns: [gone] } },
    expect: 'unknown-ref',
  },
  {
    says: 'a missing object beside another unknown is one of several reasons',
    main: { m: { does: 'allow', unknowns: [gone, time] } },
    expect: 'may',
  },
  {
    says: 'a jump that may be taken to a drop may pass',
    main: { j: { does: 'jump side', unknowns: [limit] }, a: { does: 'allow' } },
    chains: { side: { d: { does: 'drop' } } },
    expect: 'may',
    dependsOn: 'the rate',
  },
  {
    says: 'a jump that may be taken to what ends alike changes nothing',
    main: { j: { does: 'jump side', unknowns: [limit] }, a: { does: 'allow' } },
    chains: { side: { d: { does: 'allow' } } },
    expect: 'allow',
  },
  {
    says: 'a return that may be taken before a drop may pass',
    main: { j: { does: 'jump side' }, a: { does: 'allow' } },
    chains: { side: { r: { does: 'return', unknowns: [limit] }, d: { does: 'drop' } } },
    expect: 'may',
    dependsOn: 'the rate',
  },
  {
    says: 'a return that may be taken, where both ways end alike, is no doubt',
    main: { j: { does: 'jump side' }, d: { does: 'drop' } },
    chains: { side: { r: { does: 'return', unknowns: [limit] }, d2: { does: 'drop' } } },
    expect: 'deny',
  },
  {
    says: 'a goto that may be taken and comes back to a drop may pass',
    main: { j: { does: 'jump one' }, d: { does: 'drop' } },
    chains: { one: { g: { does: 'goto two', unknowns: [limit] }, a: { does: 'allow' } }, two: {} },
    expect: 'may',
  },
  {
    says: 'a second stage that drops ends what may pass the first',
    main: { m: { does: 'allow', unknowns: [limit] } },
    chains: { second: { d: { does: 'drop' } } },
    rest: { stages: [stageOf(), stageOf({ chain: 'second' })] },
    expect: 'deny',
  },
  {
    says: 'what may be dropped in the first stage is in doubt behind the second',
    main: { m: { does: 'drop', unknowns: [limit] }, a: { does: 'allow' } },
    chains: { second: { b: { does: 'allow' } } },
    rest: { stages: [stageOf(), stageOf({ chain: 'second' })] },
    expect: 'may',
    by: 'm a b',
  },
  {
    says: 'a doubt about the whole rule set makes an allow a may',
    main: { a: { does: 'allow' } },
    rest: { doubts: [time] },
    expect: 'may',
    dependsOn: 'the time of day',
  },
  { says: 'a doubt about the whole rule set makes a denial a may', main: {}, rest: { doubts: [time] }, expect: 'may' },
  {
    says: 'a thousand rules that may match cost a thousand entries',
    main: Object.fromEntries(
      Array.from({ length: 1000 }, (_, at) => [`m${at}`, { does: at % 2 === 0 ? 'allow' : 'drop', unknowns: [limit] }]),
    ),
    expect: 'may',
    dependsOn: 'the rate',
  },
])

const table: Knowledge = {
  tag: (name) => (name === 'Entra' ? { addresses: setOf('20.190.128.0/18'), asOf: '2026-11-01' } : undefined),
  name: (name) => (name === 'cdn.example' ? { addresses: rangesOf('192.0.2.80'), asOf: '2026-11-02' } : undefined),
}

check([
  {
    says: 'a tag without a table may hold the address',
    main: { t: { does: 'allow', match: { destination: tagOf('Other') } } },
    knowledge: table,
    expect: 'may',
    dependsOn: 'the content of the tag Other',
  },
  {
    says: 'a tag with a table is settled',
    main: { t: { does: 'allow', match: { destination: tagOf('Entra') } } },
    knowledge: table,
    expect: 'allow',
  },
  {
    says: 'a tag with a table leaves out what is not in it',
    main: { t: { does: 'allow', match: { destination: tagOf('Entra') } } },
    flow: '10.1.0.10 > 8.8.8.8:443/tcp',
    knowledge: table,
    expect: 'deny',
  },
  {
    says: 'an object of the asked name matches by name, at whatever address',
    main: { n: { does: 'allow', match: { destination: namesOf('login.example') } } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'allow',
  },
  {
    says: 'an object of names matches a name that it covers',
    main: { n: { does: 'allow', match: { destination: namesOf('*.msappproxy.net') } } },
    flow: '10.1.0.10 > *.msappproxy.net:443',
    expect: 'allow',
  },
  {
    says: 'a name below a pattern is only some of what a wider question asks',
    main: { n: { does: 'allow', match: { destination: namesOf('a.msappproxy.net') } } },
    flow: '10.1.0.10 > *.msappproxy.net:443',
    expect: 'may',
  },
  {
    says: 'a deny of other names may lie on the same addresses',
    main: { n: { does: 'drop', match: { destination: namesOf('bad.example') } }, a: { does: 'allow' } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'may',
    dependsOn: 'the addresses of bad.example',
  },
  {
    says: 'a deny of names whose addresses are known does not touch others',
    main: { n: { does: 'drop', match: { destination: namesOf('cdn.example') } }, a: { does: 'allow' } },
    knowledge: table,
    expect: 'allow',
  },
  {
    says: 'a name goes to the addresses that a table has for it',
    main: { n: { does: 'allow', match: { destination: setOf('192.0.2.0/24') } } },
    flow: '10.1.0.10 > cdn.example:443',
    knowledge: table,
    expect: 'allow',
  },
  {
    says: 'a name without address passes where every address does',
    main: { a: { does: 'allow', match: { ...web } } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'allow',
  },
  {
    says: 'a name without address may pass where some addresses do',
    main: { a: { does: 'allow', match: { destination: setOf('20.0.0.0/8') } } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'may',
  },
  {
    says: 'a name without address is denied where every address is',
    main: { a: { does: 'allow', match: { destination: setOf('10.0.0.0/8') } } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'deny',
  },
  {
    says: 'a rule that reads the requested name is decided by strings',
    main: {
      a: { does: 'allow', match: { requestedNames: [{ text: '.example', name: 'example', covers: 'at-or-below' }] } },
    },
    flow: '10.1.0.10 > login.example:443',
    expect: 'allow',
  },
  {
    says: 'a rule that reads another name does not match',
    main: { a: { does: 'allow', match: { requestedNames: [{ text: 'x.test', name: 'x.test', covers: 'exactly' }] } } },
    flow: '10.1.0.10 > login.example:443',
    expect: 'deny',
  },
  {
    says: 'a rule that reads names may match a flow of which only the address is asked',
    main: { a: { does: 'allow', match: { requestedNames: [{ text: 'x.test', name: 'x.test', covers: 'exactly' }] } } },
    expect: 'may',
  },
  {
    says: 'a negated object of unknown content may match',
    main: {
      a: {
        does: 'drop',
        match: {
          destination: { sure: [], possible: [{ within: setOf('0.0.0.0/0').sure, because: time, inverted: true }] },
        },
      },
      b: { does: 'allow' },
    },
    expect: 'may',
  },
])

const lan = { name: 'lan', kind: 'interface' as const, zones: ['inside'], networks: rangesOf('10.0.0.0/8') }
const dmz = { name: 'dmz', kind: 'interface' as const, zones: ['middle'], networks: rangesOf('10.9.0.0/16') }
const wan = { name: 'wan', kind: 'interface' as const, zones: ['outside'], own: rangesOf('203.0.113.10') }
const span = { file: 'routes', line: 1, text: 'route' }
const byDefault = { to: rangeOf('0.0.0.0/0'), out: 'wan', kind: 'unicast' as const, span }

check([
  {
    says: 'a flow that is said to come in by an interface comes in by its zone too',
    main: { a: { does: 'allow', match: { in: { names: ['inside'] } } } },
    rest: { places: [lan] },
    asked: { in: 'lan' },
    expect: 'allow',
  },
  {
    says: 'a place is found by the network behind it',
    main: { a: { does: 'allow', match: { in: { names: ['lan'] } } } },
    rest: { places: [lan, wan] },
    expect: 'allow',
  },
  {
    says: 'the longest network decides',
    main: { a: { does: 'allow', match: { in: { names: ['lan'] } } } },
    rest: { places: [lan, dmz] },
    flow: '10.9.0.1 > 8.8.8.8:443/tcp',
    expect: 'deny',
  },
  {
    says: 'a flow from two networks comes in by two places',
    main: { a: { does: 'allow', match: { in: { names: ['lan'] } } } },
    rest: { places: [lan, dmz] },
    flow: '10.8.0.0/15 > 8.8.8.8:443/tcp',
    expect: 'deny',
  },
  {
    says: 'where nobody knows the place, a rule that asks for it may match',
    main: { a: { does: 'allow', match: { in: { names: ['lan'] } } } },
    expect: 'may',
    dependsOn: 'the interface or zone that it comes in by',
  },
  {
    says: 'nobody comes in by lo from elsewhere',
    main: { a: { does: 'allow', match: { in: { names: ['lo'] } } } },
    expect: 'deny',
  },
  {
    says: 'all places but one, where the place is that one',
    main: { a: { does: 'allow', match: { in: { names: ['lan'], inverted: true } } } },
    asked: { in: 'lan' },
    expect: 'deny',
  },
  {
    says: 'a star in a place stands for any ending',
    main: { a: { does: 'allow', match: { in: { names: ['la*'] } } } },
    asked: { in: 'lan' },
    expect: 'allow',
  },
  {
    says: 'a route tells where it goes out',
    main: { a: { does: 'allow', match: { out: { names: ['outside'] } } } },
    rest: { places: [lan, wan], routes: [byDefault] },
    expect: 'allow',
  },
  {
    says: 'without a route there is no path',
    main: { a: { does: 'allow' } },
    rest: { places: [lan], routes: [{ ...byDefault, to: rangeOf('192.0.2.0/24') }] },
    expect: 'no-path',
    by: 'no route',
  },
  {
    says: 'a route that leads nowhere is no path',
    main: { a: { does: 'allow' } },
    rest: { routes: [byDefault, { to: rangeOf('20.190.0.0/16'), kind: 'blackhole', span }] },
    expect: 'no-path',
    by: 'blackhole route',
  },
  {
    says: 'of routes of one length the smallest metric decides',
    main: { a: { does: 'allow', match: { out: { names: ['wan'] } } } },
    rest: {
      routes: [
        { ...byDefault, out: 'lan', metric: 20 },
        { ...byDefault, metric: 10 },
      ],
    },
    expect: 'allow',
  },
  {
    says: 'two equal routes may lead either way',
    main: { a: { does: 'allow', match: { out: { names: ['wan'] } } } },
    rest: { routes: [byDefault, { ...byDefault, out: 'lan' }] },
    expect: 'may',
  },
  {
    says: 'one zone on both sides',
    main: { a: { does: 'allow', match: { sameZone: true } } },
    rest: { places: [lan, wan], routes: [{ ...byDefault, out: 'lan' }] },
    expect: 'allow',
  },
  {
    says: 'two zones',
    main: { a: { does: 'allow', match: { sameZone: true } } },
    rest: { places: [lan, wan], routes: [byDefault] },
    expect: 'deny',
  },
  {
    says: 'a host sends by no interface that it comes in by',
    main: { a: { does: 'allow', match: { in: { names: ['eth0'] } } } },
    rest: { stages: [stageOf({ hook: 'output' })] },
    passage: 'output',
    expect: 'deny',
  },
])

check([
  {
    says: 'a tag that a rule set is seen by a later one',
    main: { s: { does: 'continue', sets: 'ok' }, a: { does: 'allow', match: { tagged: { tag: 'ok' } } } },
    expect: 'allow',
  },
  {
    says: 'a tag that no rule set',
    main: {
      a: { does: 'allow', match: { tagged: { tag: 'ok' } } },
      b: { does: 'reject', match: { tagged: { tag: 'ok', not: true } } },
    },
    expect: 'deny',
    denial: 'reject',
  },
  {
    says: 'a tag that may be set may be seen',
    main: {
      s: { does: 'continue', sets: 'ok', unknowns: [limit] },
      a: { does: 'allow', match: { tagged: { tag: 'ok' } } },
    },
    expect: 'may',
    dependsOn: 'the rate',
  },
  {
    says: 'a tag goes on to the next stage',
    main: { s: { does: 'allow', sets: 'ok' } },
    chains: { second: { a: { does: 'allow', match: { tagged: { tag: 'ok' } } } } },
    rest: { stages: [stageOf(), stageOf({ chain: 'second' })] },
    expect: 'allow',
  },
  {
    says: 'a rule for established connections does not let a new one in',
    main: { a: { does: 'allow', match: { states: ['established', 'related'] } } },
    expect: 'deny',
  },
  {
    says: 'a rule for SYN alone matches the first packet',
    main: { a: { does: 'allow', match: { tcpFlags: [{ mask: 0x17, value: 0x02 }] } } },
    expect: 'allow',
  },
  {
    says: 'a rule for TCP flags does not match UDP',
    main: { a: { does: 'allow', match: { tcpFlags: [{ mask: 0x02, value: 0x02 }] } } },
    flow: '10.1.0.10 > 8.8.8.8:53/udp',
    expect: 'deny',
  },
  {
    says: 'a ping is an echo request',
    main: { a: { does: 'allow', match: { icmp: [{ type: { first: 8, last: 8 } }] } } },
    flow: '10.1.0.10 > 8.8.8.8/icmp',
    expect: 'allow',
  },
  {
    says: 'a rule for ports matches no ping',
    main: { a: { does: 'allow', match: { destinationPorts: ports(443) } } },
    flow: '10.1.0.10 > 8.8.8.8/icmp',
    expect: 'deny',
  },
  {
    says: 'a proxy rule for tunnels does not match a plain request',
    main: { a: { does: 'allow', match: { requests: ['connect'] } } },
    flow: '10.1.0.10 > crl.example:80',
    expect: 'deny',
  },
  {
    says: 'IPv6 is cut as exactly as IPv4',
    main: { a: { does: 'drop', match: { destination: setOf('2001:db8::5') } }, b: { does: 'allow' } },
    flow: '2001:db8:1::1 > 2001:db8::4:443/tcp'.replace('2001:db8::4:443', '[2001:db8::4]:443'),
    expect: 'allow',
  },
])

const natted = [
  stageOf({ hook: 'prerouting', kind: 'destination-nat', chain: 'dnat', otherwise: { action: 'allow', name: 'none' } }),
  stageOf(),
  stageOf({ hook: 'input', chain: 'in', otherwise: { action: 'reject', name: 'input policy' } }),
  stageOf({ hook: 'postrouting', kind: 'source-nat', chain: 'snat', otherwise: { action: 'allow', name: 'none' } }),
]
const publish: RuleText = {
  match: { protocols: tcp, destination: setOf('203.0.113.10'), destinationPorts: ports(443) },
  does: { kind: 'translate', destination: { to: rangesOf('10.9.0.5'), ports: { first: 8443, last: 8443 } } },
}
const inward = '198.51.100.7 > 203.0.113.10:443/tcp'

check([
  {
    says: 'the filter sees the translated destination and port',
    main: { a: { does: 'allow', match: { destination: setOf('10.9.0.5'), destinationPorts: ports(8443) } } },
    chains: { dnat: { p: publish } },
    rest: { stages: natted, places: [wan] },
    flow: inward,
    expect: 'allow',
    by: 'p a',
  },
  {
    says: 'a filter for original addresses sees the destination as it came',
    main: { a: { does: 'allow', match: { destination: setOf('203.0.113.10'), destinationPorts: ports(443) } } },
    chains: { dnat: { p: publish } },
    rest: {
      stages: natted.map((stage) => (stage.hook === 'forward' ? { ...stage, addresses: 'original' as const } : stage)),
    },
    flow: inward,
    expect: 'allow',
    by: 'p a',
  },
  {
    says: 'what is sent to the device itself meets its input',
    main: { a: { does: 'allow' } },
    chains: { dnat: {}, in: {} },
    rest: { stages: natted, places: [wan] },
    flow: inward,
    expect: 'deny',
    denial: 'reject',
    by: 'input policy',
  },
  {
    says: 'a redirect leads to the device itself',
    main: { a: { does: 'allow' } },
    chains: {
      dnat: {
        r: { does: { kind: 'translate', destination: { to: 'interface', ports: { first: 3128, last: 3128 } } } },
      },
      in: { i: { does: 'allow', match: { destinationPorts: ports(3128) } } },
    },
    rest: { stages: natted },
    expect: 'allow',
    by: 'r i',
  },
  {
    says: 'a network that is translated one to one keeps the offset',
    main: { a: { does: 'allow', match: { destination: setOf('10.9.0.7') } } },
    chains: {
      dnat: {
        m: {
          match: { destination: setOf('203.0.113.0/28') },
          does: { kind: 'translate', destination: { to: rangesOf('10.9.0.0/28') } },
        },
      },
    },
    rest: { stages: natted },
    flow: '198.51.100.7 > 203.0.113.7:443/tcp',
    expect: 'allow',
  },
  {
    says: 'a pool of which the filter allows some may pass',
    main: { a: { does: 'allow', match: { destination: setOf('10.9.0.5') } } },
    chains: { dnat: { p: { does: { kind: 'translate', destination: { to: rangesOf('10.9.0.5', '10.9.0.6') } } } } },
    rest: { stages: natted },
    flow: inward,
    expect: 'may',
    dependsOn: 'which address the destination is translated to',
  },
  {
    says: 'a pool of which the filter allows all passes',
    main: { a: { does: 'allow', match: { destination: setOf('10.9.0.0/24') } } },
    chains: { dnat: { p: { does: { kind: 'translate', destination: { to: rangesOf('10.9.0.5', '10.9.0.6') } } } } },
    rest: { stages: natted },
    flow: inward,
    expect: 'allow',
  },
  {
    says: 'a translation that may happen leads to what happens in either case',
    main: { a: { does: 'allow', match: { destination: setOf('10.9.0.5') } } },
    chains: { dnat: { p: { ...publish, unknowns: [limit] } } },
    rest: { stages: natted },
    flow: inward,
    expect: 'may',
    dependsOn: 'the rate',
  },
  {
    says: 'a translation that may happen is no doubt where both ways end alike',
    main: { a: { does: 'allow' } },
    chains: { dnat: { p: { ...publish, unknowns: [limit] } } },
    rest: { stages: natted },
    flow: inward,
    expect: 'allow',
  },
])

test('a source that is translated is told as it becomes', () => {
  const ruleSet = ruleSetOf(
    {
      dnat: {},
      main: { a: { does: 'allow' } },
      snat: { s: { does: { kind: 'translate', source: { to: 'interface' } } } },
    },
    { stages: natted, places: [lan, wan], routes: [byDefault] },
  )
  const { parts } = judge(ruleSet, askedOf(flow), 'forward', noKnowledge)
  assert.deepEqual(
    parts.map(({ verdict, becomes, out }) => ({ verdict, becomes, out })),
    [{ verdict: 'allow', becomes: { source: rangesOf('203.0.113.10') }, out: 'wan' }],
  )
})

const acl = [
  stageOf({ hook: 'output', chain: 'out', stateful: false }),
  stageOf({ hook: 'input', chain: 'in', stateful: false }),
]
const outAll: RuleText = { does: 'allow' }

check([
  {
    says: 'a list without memory must let the answer in',
    main: {},
    chains: {
      out: { o: outAll },
      in: { i: { does: 'allow', match: { protocols: tcp, destinationPorts: ports('1024-65535') } } },
    },
    rest: { stages: acl },
    passage: 'output',
    expect: 'allow',
    by: 'o i',
  },
  {
    says: 'a list without memory that drops the answer denies the flow',
    main: {},
    chains: {
      out: { o: outAll },
      in: { i: { does: 'allow', match: { protocols: tcp, destinationPorts: ports(443) } } },
    },
    rest: { stages: acl },
    passage: 'output',
    expect: 'deny',
    by: 'o default',
  },
  {
    says: 'an answer that passes to some of the ports that a system may choose may pass',
    main: {},
    chains: { out: { o: outAll }, in: { i: { does: 'allow', match: { destinationPorts: ports('49152-65535') } } } },
    rest: { stages: acl },
    passage: 'output',
    expect: 'may',
    dependsOn: 'the source port that the system chooses',
  },
  {
    says: 'an answer to a port that is said is judged by that port',
    main: {},
    chains: { out: { o: outAll }, in: { i: { does: 'allow', match: { destinationPorts: ports('49152-65535') } } } },
    rest: { stages: acl },
    flow: '10.1.0.10:40000 > 20.190.128.1:443/tcp',
    passage: 'output',
    expect: 'deny',
  },
  {
    says: 'an answer is established and carries SYN and ACK',
    main: {},
    chains: {
      out: { o: outAll },
      in: { i: { does: 'allow', match: { states: ['established'], tcpFlags: [{ mask: 0x10, value: 0x10 }] } } },
    },
    rest: { stages: acl },
    passage: 'output',
    expect: 'allow',
  },
  {
    says: 'an echo reply answers a ping',
    main: {},
    chains: { out: { o: outAll }, in: { i: { does: 'allow', match: { icmp: [{ type: { first: 0, last: 0 } }] } } } },
    rest: { stages: acl },
    flow: '10.1.0.10 > 8.8.8.8/icmp',
    passage: 'output',
    expect: 'allow',
  },
  {
    says: 'a forward filter without memory sees the answer with its ends exchanged',
    main: {
      a: { does: 'allow', match: { source: setOf('10.1.0.0/16') } },
      b: { does: 'allow', match: { destination: setOf('10.1.0.0/16'), sourcePorts: ports(443) } },
    },
    rest: { stages: [stageOf({ stateful: false })] },
    expect: 'allow',
    by: 'a b',
  },
  {
    says: 'a stage that is attached elsewhere says nothing',
    main: {},
    chains: { out: {} },
    rest: { stages: [stageOf({ hook: 'output', chain: 'out', attachedTo: setOf('10.2.0.0/16') })] },
    passage: 'output',
    expect: 'allow',
  },
  {
    says: 'a stage that may be attached may deny',
    main: {},
    chains: { out: {} },
    rest: { stages: [stageOf({ hook: 'output', chain: 'out', attachedTo: tagOf('Web') })] },
    passage: 'output',
    expect: 'may',
    dependsOn: 'the content of the tag Web',
  },
])

check([
  {
    says: 'behind a translated source the answer is sent to the source as it was',
    main: {
      a: { does: 'allow', match: { source: setOf('10.1.0.0/16') } },
      b: { does: 'allow', match: { destination: setOf('10.1.0.0/16') } },
    },
    chains: { snat: { s: { does: { kind: 'translate', source: { to: rangesOf('203.0.113.10') } } } } },
    rest: { stages: natted.map((stage) => (stage.kind === 'filter' ? { ...stage, stateful: false } : stage)) },
    expect: 'allow',
    by: 'a s b',
  },
  {
    says: 'a rule for low ports matches no ping, whose type is no port',
    main: { a: { does: 'allow', match: { destinationPorts: ports('0-1023') } } },
    flow: '10.1.0.10 > 8.8.8.8/icmp',
    expect: 'deny',
  },
  {
    says: 'a rule of unknown deed is told, and does not hide what follows',
    main: { u: { does: 'unknown', unknowns: [limit] }, d: { does: 'drop' } },
    expect: 'may',
    by: 'u d',
  },
])

test('the answer that is denied says so', () => {
  const ruleSet = ruleSetOf({ out: { o: outAll }, in: {} }, { stages: acl })
  const [part] = judge(ruleSet, askedOf(flow), 'output', noKnowledge).parts
  assert.deepEqual(
    part?.decidedBy.map(({ rule, answer }) => ({ rule, answer })),
    [
      { rule: 'o', answer: undefined },
      { rule: 'default', answer: true },
    ],
  )
  assert.deepEqual(part.source, rangesOf('10.1.0.10'))
})

test('TLS is opened by a stage of inspection, by a rule that says so, or perhaps', () => {
  const inspection = stageOf({ kind: 'inspection', chain: 'tls', otherwise: { action: 'allow', name: 'none' } })
  const inspectedBy = (tls: Readonly<Record<string, RuleText>>, main: RuleText = { does: 'allow' }) =>
    judge(
      ruleSetOf({ main: { main }, tls }, { stages: [stageOf(), inspection] }),
      askedOf(flow),
      'forward',
      noKnowledge,
    ).parts.map(({ inspected }) => inspected)
  assert.deepEqual(inspectedBy({}), [undefined])
  assert.deepEqual(inspectedBy({ i: { does: 'inspect' } }), ['yes'])
  assert.deepEqual(inspectedBy({ n: { does: 'no-inspection' }, i: { does: 'inspect' } }), [undefined])
  assert.deepEqual(inspectedBy({ n: { does: 'no-inspection', unknowns: [limit] }, i: { does: 'inspect' } }), ['may'])
  assert.deepEqual(inspectedBy({ i: { does: 'inspect', unknowns: [limit] } }), ['may'])
  assert.deepEqual(inspectedBy({}, { does: 'allow', inspectsTls: true }), ['yes'])
})

test('a part tells whether the name or an address of a day fitted', () => {
  const by = (match: RuleText['match'], text: string) =>
    judge(ruleSetOf({ main: { a: { does: 'allow', match: match ?? {} } } }), askedOf(text), 'forward', table).parts.map(
      (part) => part.by,
    )
  assert.deepEqual(by({ destination: namesOf('cdn.example') }, '10.1.0.10 > cdn.example:443'), ['name'])
  assert.deepEqual(by({ destination: setOf('192.0.2.0/24') }, '10.1.0.10 > cdn.example:443').at(0), 'dated-addresses')
  assert.deepEqual(by({ destination: tagOf('Entra') }, flow), ['dated-addresses'])
  assert.deepEqual(by({}, flow), [undefined])
})

test('chains that jump to each other a billion ways are walked once each', () => {
  const chains = Object.fromEntries(
    Array.from({ length: 40 }, (_, at): [string, Record<string, RuleText>] => [
      at === 0 ? 'main' : `c${at}`,
      at === 39
        ? { d: { does: 'drop', match: { source: setOf('192.0.2.1') } } }
        : { left: { does: `jump c${at + 1}` }, right: { does: `jump c${at + 1}` } },
    ]),
  )
  const judged = judge(ruleSetOf(chains), askedOf(flow), 'forward', noKnowledge, { most: 200 })
  assert.deepEqual(
    judged.parts.map(({ verdict, dependsOn }) => [verdict, dependsOn]),
    [['drop', []]],
  )
})

test('a question that costs more than it may is left open, and says so', () => {
  const main = Object.fromEntries(
    Array.from({ length: 40 }, (_, at): [string, RuleText] => [
      `r${at}`,
      { does: 'drop', match: { source: setOf(`10.0.${at}.0/24`) } },
    ]),
  )
  const judged = judge(ruleSetOf({ main }), askedOf('10.0.0.0/8 > 8.8.8.8:443/tcp'), 'forward', noKnowledge, {
    most: 20,
  })
  assert.ok(judged.parts.some(({ verdict }) => verdict === 'may'))
  assert.match(
    judged.parts.flatMap(({ dependsOn }) => dependsOn.map(({ what }) => what)).join(),
    /not followed to their end/,
  )
})
