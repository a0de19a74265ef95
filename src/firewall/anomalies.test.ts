import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bddOutcomes, PacketBits } from '../../test/firewall/bddOutcomes.ts'
import type { Mix } from '../../test/firewall/randomRuleSets.ts'
import { plain, randomRuleSet, seeded } from '../../test/firewall/randomRuleSets.ts'
import { showRuleSet } from '../../test/firewall/showRuleSet.ts'
import { net, rule, ruleSetOf, tcp } from '../../test/firewall/writtenRules.ts'
import { outsideOf, unknownAddresses } from './addresses.ts'
import type { Anomaly } from './anomalies.ts'
import { anomaliesOf } from './anomalies.ts'
import { compiledRuleSet } from './compiledRuleSet.ts'
import { noKnowledge } from './judge.ts'
import type { Action, Rule, RuleSet } from './ruleset.ts'

const anomalies = (ruleSet: RuleSet) => anomaliesOf(compiledRuleSet(ruleSet, noKnowledge))

const mixes: readonly [string, Mix][] = [
  ['a list', { ...plain, icmpTypes: false, rules: 14 }],
  ['a list with unknowns', { ...plain, icmpTypes: false, rules: 14, unknowns: 20 }],
  ['jumps', { ...plain, icmpTypes: false, chains: 3, jumps: 40 }],
  ['jumps and unknowns', { ...plain, icmpTypes: false, chains: 3, jumps: 40, unknowns: 15 }],
]

/** The same rule set with another action for one rule, which matches the same. */
function withAction(ruleSet: RuleSet, { rule: { chain, index } }: Anomaly, action: Action): RuleSet {
  const rules = ruleSet.chains[chain]?.map((rule, at) => (at === index ? { ...rule, action } : rule)) ?? []
  return { ...ruleSet, chains: { ...ruleSet.chains, [chain]: rules } }
}

function sameOutcomes(spaces: readonly PacketBits[], some: RuleSet, other: RuleSet): boolean {
  return spaces.every((space) => {
    const [a, b] = [bddOutcomes(space, some), bddOutcomes(space, other)]
    return a.allow === b.allow && a.drop === b.drop && a.reject === b.reject
  })
}

for (const [name, mix] of mixes) {
  test(`what is called dead does nothing whatever it says, what is superfluous can go: ${name}`, () => {
    let seen = 0
    for (let seed = 1; seed <= 60; seed += 1) {
      const ruleSet = randomRuleSet(seeded(seed), mix)
      const spaces = [new PacketBits(4), new PacketBits(6)]
      for (const anomaly of anomalies(ruleSet).found) {
        if (anomaly.kind === 'generalised') continue
        seen += 1
        const isGone = sameOutcomes(spaces, ruleSet, withAction(ruleSet, anomaly, { kind: 'continue' }))
        assert.ok(isGone, `seed ${seed}: ${anomaly.kind} ${anomaly.rule.rule.name}\n${showRuleSet(ruleSet)}`)
        if (anomaly.kind === 'redundant' && anomaly.isLater) continue
        for (const kind of ['allow', 'drop', 'reject'] as const) {
          assert.ok(
            sameOutcomes(spaces, ruleSet, withAction(ruleSet, anomaly, { kind })),
            `seed ${seed}: ${anomaly.kind} ${anomaly.rule.rule.name}\n${showRuleSet(ruleSet)}`,
          )
        }
      }
    }
    assert.ok(seen > 30, `${seen} anomalies were seen`)
  })
}

test('every rule of a list that can never match is found, and with one that contradicts it where there is one', () => {
  for (let seed = 1; seed <= 120; seed += 1) {
    const ruleSet = randomRuleSet(seeded(seed), { ...plain, icmpTypes: false, rules: 14 })
    const spaces = [new PacketBits(4), new PacketBits(6)]
    const { found, undecided } = anomalies(ruleSet)
    assert.deepEqual(undecided, [])
    const rules = ruleSet.chains['s0'] ?? []
    for (const [index, rule] of rules.entries()) {
      const isCounted = !('tcpFlags' in rule.match)
      if (!isCounted || rules.some(({ match }) => match.tcpFlags !== undefined)) continue
      const own = found.find((anomaly) => anomaly.rule.index === index)
      const label = `seed ${seed}: ${rule.name} is ${own?.kind}\n${showRuleSet(ruleSet)}`
      const isDead = spaces.every((space) => {
        const before = rules.slice(0, index).map((one): Rule => ({ ...one, action: one.action }))
        const asked: RuleSet = {
          ...ruleSet,
          chains: { s0: [...before.map(asDrop), { ...rule, action: { kind: 'allow' } }, catchAll] },
        }
        return bddOutcomes(space, asked).allow === 0
      })
      const isCalledDead =
        own?.kind === 'shadowed' || own?.kind === 'irrelevant' || (own?.kind === 'redundant' && !own.isLater)
      assert.equal(isCalledDead, isDead, label)
      if (own?.kind === 'shadowed') assert.notEqual(own.contradictedBy.rule.action.kind, rule.action.kind, label)
    }
  }
})

const catchAll: Rule = rule('rest', {}, 'drop')

/** What ends a packet as a drop; what does not stays. */
function asDrop(one: Rule): Rule {
  return one.action.kind === 'continue' ? one : { ...one, action: { kind: 'drop' } }
}

const whenBusy = { kind: 'limit', what: 'how many there are' } as const

/** Each anomaly as `kind rule < blamed blamed`. */
const rows: readonly [string, RuleSet, readonly string[]][] = [
  [
    'a rule under a wider one that does another thing',
    ruleSetOf([
      rule('deny', { source: net('10.0.0.0/8') }, 'drop'),
      rule('web', { ...tcp(443), source: net('10.1.0.0/16') }, 'allow'),
    ]),
    ['shadowed web < deny'],
  ],
  [
    'a rule that several cover together, and the smallest list of them',
    ruleSetOf([
      rule('low', tcp(1, 500), 'drop'),
      rule('high', tcp(400, 1000), 'drop'),
      rule('odd', tcp(300, 301), 'drop'),
      rule('all', tcp(10, 900), 'allow'),
    ]),
    ['redundant odd < low', 'shadowed all < high low'],
  ],
  [
    'a negated condition covers what it leaves, and no more',
    ruleSetOf([
      rule('others', { source: outsideOf(net('10.0.0.0/8')) }, 'drop'),
      rule('inside', { source: net('10.1.0.0/16') }, 'allow'),
      rule('outside', { source: net('192.0.2.0/24') }, 'allow'),
    ]),
    ['shadowed outside < others'],
  ],
  [
    'what may match neither covers nor is dead',
    ruleSetOf([
      rule('sometimes', {}, 'drop', { unknowns: [whenBusy] }),
      rule('tagged', { source: unknownAddresses(whenBusy) }, 'drop'),
      rule('all', { ...tcp(443) }, 'allow'),
      rule('perhaps', { ...tcp(443) }, 'drop', { unknowns: [whenBusy] }),
    ]),
    [],
  ],
  [
    'one interface does not cover another, and no interface covers all',
    ruleSetOf([
      rule('lan', { in: { names: ['lan'] } }, 'drop'),
      rule('wan', { in: { names: ['wan'] } }, 'allow'),
      rule('again', { ...tcp(443), in: { names: ['lan'] } }, 'allow'),
    ]),
    ['shadowed again < lan'],
  ],
  [
    'states of connections are told apart',
    ruleSetOf([
      rule('known', { states: ['established', 'related'] }, 'allow'),
      rule('new', { ...tcp(443), states: ['new'] }, 'allow'),
      rule('known again', { ...tcp(443), states: ['established'] }, 'drop'),
    ]),
    ['shadowed known again < known'],
  ],
  [
    'a rule is superfluous when a later one does the same and nothing between does another thing',
    ruleSetOf([
      rule('one', { ...tcp(443), source: net('10.1.0.0/16') }, 'allow'),
      rule('two', { ...tcp(80), source: net('10.1.0.0/16') }, 'allow'),
      rule('not here', { ...tcp(80, 81), source: net('10.1.2.0/24') }, 'drop'),
      rule('wide', { source: net('10.0.0.0/8') }, 'allow'),
    ]),
    ['redundant one < wide', 'generalised wide < not here'],
  ],
  [
    'a rule that counts is between, and changes nothing; one that sets a tag does',
    ruleSetOf([
      rule('one', tcp(443), 'allow'),
      rule('two', tcp(80), 'allow'),
      rule('count', tcp(443, 444), { kind: 'continue' }),
      rule('mark', tcp(80, 81), { kind: 'continue' }, { sets: 'red' }),
      rule('wide', { protocols: [{ first: 6, last: 6 }] }, 'allow'),
    ]),
    ['redundant one < wide'],
  ],
  [
    'to let pass by another way is another thing',
    ruleSetOf([
      rule('by wan2', tcp(443), 'allow', { leadsOut: ['wan2'] }),
      rule('wide', { protocols: [{ first: 6, last: 6 }] }, 'allow'),
      rule('by wan3', tcp(80), 'allow', { leadsOut: ['wan3'] }),
    ]),
    ['shadowed by wan3 < wide'],
  ],
  [
    'both families have to be covered',
    ruleSetOf([
      rule('four', { family: 4 }, 'drop'),
      rule('web', tcp(443), 'allow'),
      rule('web of four', { ...tcp(443), source: net('10.0.0.0/8') }, 'allow'),
    ]),
    ['shadowed web of four < four'],
  ],
  [
    'a chain that ends all of it covers what stands behind the jump',
    ruleSetOf(
      [
        rule('to j', { source: net('10.0.0.0/8') }, { kind: 'jump', chain: 'j' }),
        rule('late', { ...tcp(443), source: net('10.1.0.0/16') }, 'allow'),
      ],
      {
        j: [rule('web', tcp(443), 'drop')],
      },
    ),
    ['shadowed late < web'],
  ],
  [
    'what a chain lets return is not covered by what stands behind the return',
    ruleSetOf([rule('to j', {}, { kind: 'jump', chain: 'j' }), rule('late', tcp(443), 'allow')], {
      j: [rule('back', { source: net('10.1.0.0/16') }, { kind: 'return' }), rule('web', tcp(443), 'drop')],
    }),
    [],
  ],
  [
    'a rule that no jump lets packets to',
    ruleSetOf([rule('to j', { source: net('10.0.0.0/8') }, { kind: 'jump', chain: 'j' })], {
      j: [rule('elsewhere', { source: net('192.0.2.0/24') }, 'allow')],
    }),
    ['irrelevant elsewhere'],
  ],
  [
    'a rule of a chain is dead only where it is dead behind every jump',
    ruleSetOf(
      [
        rule('deny', { source: net('10.0.0.0/8') }, 'drop'),
        rule('to j', { source: net('10.1.0.0/16') }, { kind: 'jump', chain: 'j' }),
        rule('to j too', { source: net('192.0.2.0/24') }, { kind: 'jump', chain: 'j' }),
      ],
      { j: [rule('web', tcp(443), 'allow')] },
    ),
    ['shadowed to j < deny'],
  ],
  [
    'no packet has ICMP with a port',
    ruleSetOf([
      rule('ping port', { protocols: [{ first: 1, last: 1 }], destinationPorts: [{ first: 80, last: 80 }] }, 'allow'),
    ]),
    ['irrelevant ping port'],
  ],
  [
    'an implied rule is not told of, and makes no written rule superfluous',
    ruleSetOf([
      rule('deny web', tcp(443), 'drop'),
      rule('rest', {}, 'drop', { implied: true }),
      rule('late', {}, 'allow', { implied: true }),
    ]),
    [],
  ],
]

for (const [name, ruleSet, expected] of rows) {
  test(name, () => {
    const told = anomalies(ruleSet).found.map((anomaly) => {
      const blame =
        anomaly.kind === 'irrelevant' ? undefined : anomaly.kind === 'generalised' ? anomaly.exceptions : anomaly.by
      const names = blame?.rules.map(({ rule: { name: one } }) => one) ?? []
      return [anomaly.kind, anomaly.rule.rule.name, ...(names.length === 0 ? [] : ['<', ...names])].join(' ')
    })
    assert.deepEqual(told, expected)
  })
}

test('of many rules that cover one, five are named, the one that contradicts it among them', () => {
  const parts = Array.from({ length: 12 }, (_, at) =>
    rule(`part ${at}`, tcp(at * 10, at * 10 + 9), at === 11 ? 'drop' : 'allow'),
  )
  const [anomaly, ...others] = anomalies(ruleSetOf([...parts, rule('all', tcp(0, 119), 'allow')])).found
  assert.deepEqual(others, [])
  assert.equal(anomaly?.kind, 'shadowed')
  if (anomaly?.kind !== 'shadowed') return
  assert.equal(anomaly.contradictedBy.rule.name, 'part 11')
  assert.equal(anomaly.by.rules.length, 5)
  assert.equal(anomaly.by.more, 7)
  assert.ok(anomaly.by.rules.includes(anomaly.contradictedBy))
})

test('chains that are jumped to from many places multiply, and of what is cut off nothing is said', () => {
  const chains: Record<string, readonly Rule[]> = {}
  for (let at = 0; at < 30; at += 1) {
    chains[`j${at}`] = [0, 1].map((turn) => rule(`jump ${at} ${turn}`, {}, { kind: 'jump', chain: `j${at + 1}` }))
  }
  chains['j30'] = [rule('web', tcp(443), 'allow'), rule('web again', tcp(443), 'allow')]
  const { found, undecided } = anomalies(ruleSetOf([rule('start', {}, { kind: 'jump', chain: 'j0' })], chains))
  assert.deepEqual(found, [])
  assert.ok(undecided.some(({ chain }) => chain === 'j30'))
})
