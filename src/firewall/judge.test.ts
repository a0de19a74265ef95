import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flow, judgeRows, limit, web } from '../../test/judgeRows.ts'
import type { RuleText } from '../../test/ruleSetOf.ts'
import { askedOf, ports, ruleSetOf, setOf, stageOf } from '../../test/ruleSetOf.ts'
import { judge, noKnowledge } from './judge.ts'
import type { Unknown } from './unknown.ts'

const time: Unknown = { kind: 'time', what: 'the time of day' }
const gone: Unknown = { kind: 'reference', what: 'the object gone' }

judgeRows([
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

judgeRows([
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

judgeRows([
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
