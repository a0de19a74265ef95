import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flow, judgeRows, natted } from '../../test/judgeRows.ts'
import type { RuleText } from '../../test/ruleSetOf.ts'
import { askedOf, ports, rangesOf, ruleSetOf, setOf, stageOf, tagOf, tcp } from '../../test/ruleSetOf.ts'
import { judge, noKnowledge } from './judge.ts'

const acl = [
  stageOf({ hook: 'output', chain: 'out', stateful: false }),
  stageOf({ hook: 'input', chain: 'in', stateful: false }),
]
const outAll: RuleText = { does: 'allow' }

judgeRows([
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

judgeRows([
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
