import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byDefault, flow, judgeRows, lan, limit, natted, wan } from '../../test/judgeRows.ts'
import type { RuleText } from '../../test/ruleSetOf.ts'
import { askedOf, ports, rangesOf, ruleSetOf, setOf, tcp } from '../../test/ruleSetOf.ts'
import { judge, noKnowledge } from './judge.ts'

const publish: RuleText = {
  match: { protocols: tcp, destination: setOf('203.0.113.10'), destinationPorts: ports(443) },
  does: { kind: 'translate', destination: { to: rangesOf('10.9.0.5'), ports: { first: 8443, last: 8443 } } },
}
const inward = '198.51.100.7 > 203.0.113.10:443/tcp'

judgeRows([
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
