import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressesOf } from '../firewall/addresses.ts'
import { noKnowledge } from '../firewall/judge.ts'
import type { AskedFlow, PathDevice } from '../firewall/judged.ts'
import { judgePath } from '../firewall/judgePath.ts'
import { rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import type { Hook, RuleSet } from '../firewall/ruleset.ts'
import { judgeWay } from './judgeWay.ts'

/** A rule set of one stage that does one thing with everything, attached to a network or to nothing. */
const ruleSet = (name: string, hook: Hook, action: 'allow' | 'drop', attachedTo?: string): RuleSet => ({
  vendor: 'azure-nsg',
  name,
  stages: [
    {
      name: `${name} ${hook}`,
      hook,
      kind: 'filter',
      chain: 'all',
      otherwise: { action, name: `default of ${name}` },
      stateful: true,
      addresses: 'current',
      ...(attachedTo !== undefined && { attachedTo: addressesOf(rangesOfPrefix(attachedTo)) }),
    },
  ],
  chains: { all: [] },
  places: [],
  doubts: [],
})

const asked: AskedFlow = {
  source: rangesOfPrefix('10.1.0.10'),
  destination: rangesOfPrefix('20.190.128.1'),
  transport: 'tcp',
  ports: [{ first: 443, last: 443 }],
  request: 'connect',
}

const judged = (passage: PathDevice['passage'], ...ruleSets: readonly RuleSet[]) =>
  judgeWay([{ label: 'dev', ruleSets, passage }], asked, noKnowledge, judgePath)

test('rule sets that are attached are asked where the end of the flow is, all of them', () => {
  const elsewhere = ruleSet('b', 'output', 'drop', '10.9.0.0/16')
  const [subnet, card] = [
    ruleSet('a', 'output', 'allow', '10.1.0.0/24'),
    ruleSet('c', 'output', 'drop', '10.1.0.10/32'),
  ]
  const one = judged('output', subnet, elsewhere)
  assert.ok('judged' in one)
  assert.equal(one.judged.verdict, 'allow')
  assert.deepEqual(
    one.devices[0]?.ruleSets.map(({ name }) => name),
    ['a'],
  )
  const both = judged('output', subnet, card)
  assert.ok('judged' in both)
  assert.equal(both.judged.verdict, 'deny')
})

test('what is attached to others alone says nothing of the flow, and lets nothing pass for that', () => {
  const left = judged('output', ruleSet('b', 'output', 'allow', '10.9.0.0/16'))
  assert.ok('why' in left)
  assert.match(left.why, /^nothing of dev is attached to the end of the flow/)
})

test('of virtual devices beside each other nobody knows which: where they do not agree the flow may pass', () => {
  const agreed = judged('forward', ruleSet('a', 'forward', 'drop'), ruleSet('b', 'forward', 'drop'))
  assert.ok('judged' in agreed)
  assert.equal(agreed.judged.verdict, 'deny')
  const differing = judged('forward', ruleSet('a', 'forward', 'allow'), ruleSet('b', 'forward', 'drop'))
  assert.ok('judged' in differing)
  assert.equal(differing.judged.verdict, 'may')
  const [part] = differing.judged.parts
  assert.deepEqual(part?.dependsOn, [{ kind: 'place', what: 'which of a, b of dev it meets' }])
})

test('more rule sets beside each other than help nobody are not judged', () => {
  const many = Array.from({ length: 17 }, (_, at) => ruleSet(`v${at}`, 'forward', 'allow'))
  const left = judged('forward', ...many)
  assert.ok('why' in left)
  assert.match(left.why, /^there are too many rule sets beside each other in dev/)
})
