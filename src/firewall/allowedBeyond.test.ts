import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RuleText } from '../../test/ruleSetOf.ts'
import { namesOf, patternOf, ports, rangesOf, ruleSetOf, setOf, tagOf, tcp } from '../../test/ruleSetOf.ts'
import type { Beyond } from './allowedBeyond.ts'
import { allowedBeyond } from './allowedBeyond.ts'
import { judge, noKnowledge } from './judge.ts'
import type { Permit } from './permit.ts'
import type { Match } from './ruleset.ts'

const permitOf = (over: Partial<Permit> = {}): Permit => ({
  id: 'a',
  flows: ['a'],
  why: 'a',
  from: { label: 'a', ranges: rangesOf('10.0.0.1') },
  to: { label: 'b', ranges: rangesOf('192.0.2.0/24') },
  transport: 'tcp',
  ports: ports(443),
  request: 'connect',
  necessity: 'required',
  ...over,
})

const match: Match = {
  protocols: tcp,
  source: setOf('10.0.0.1'),
  destination: setOf('192.0.2.0/24'),
  destinationPorts: ports(443),
}

function beyond(main: Readonly<Record<string, RuleText>>, permits: readonly Permit[]): readonly Beyond[] {
  return allowedBeyond(ruleSetOf({ main }), permits, 'forward', noKnowledge)
}

test('rules that are the permits allow nothing beyond', () => {
  assert.deepEqual(beyond({ a: { does: 'allow', match } }, [permitOf()]), [])
})

test('what is wider at any end is found, and only that', () => {
  const wider: readonly (readonly [Partial<Match>, Partial<Beyond>])[] = [
    [{ source: setOf('10.0.0.0/31') }, { source: rangesOf('10.0.0.0') }],
    [{ destination: setOf('192.0.2.0/23') }, { destination: rangesOf('192.0.3.0/24') }],
    [{ destinationPorts: ports('443-444') }, { ports: ports(444) }],
  ]
  for (const [over, expected] of wider) {
    const found = beyond({ a: { does: 'allow', match: { ...match, ...over } } }, [permitOf()])
    assert.equal(found.length, 1)
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(found[0]?.[key as keyof Beyond], value)
    assert.equal(found[0]?.by, 'a')
  }
})

test('several permits together are what was asked for', () => {
  const permits = [
    permitOf({ ports: ports('1-100') }),
    permitOf({ ports: ports('101-65535') }),
    permitOf({ ports: ports(0) }),
  ]
  const { destinationPorts: _, ...rest } = match
  assert.deepEqual(beyond({ a: { does: 'allow', match: rest } }, permits), [])
})

test('a transport that nobody asked for is beyond', () => {
  const { protocols: _, ...rest } = match
  const found = beyond({ a: { does: 'allow', match: rest } }, [permitOf()])
  assert.deepEqual(
    found.map(({ transport }) => transport),
    ['udp'],
  )
})

test('a rule about a name is held against the permits with that name', () => {
  const main = (...names: readonly string[]): Readonly<Record<string, RuleText>> => ({
    a: { does: 'allow', match: { ...match, destination: namesOf(...names) } },
  })
  const named = permitOf({ to: { label: 'x', name: 'x.test', ranges: [] } })
  assert.deepEqual(beyond(main('x.test'), [named]), [])
  assert.deepEqual(
    beyond(main('x.test', 'y.test'), [named]).map(({ name }) => name),
    ['y.test'],
  )
  const all = permitOf({ to: { label: 'x', name: '*.test', ranges: [] } })
  assert.deepEqual(beyond(main('x.test', '*.test'), [all]), [])
  assert.deepEqual(
    beyond(main('*.test'), [named]).map(({ name }) => name),
    ['*.test'],
  )
})

test('a rule about a name that is wider at its source is found', () => {
  const rule: RuleText = {
    does: 'allow',
    match: {
      protocols: tcp,
      source: setOf('10.0.0.0/30'),
      destinationPorts: ports(443),
      requestedNames: [patternOf('x.test')],
    },
  }
  const found = beyond({ a: rule }, [permitOf({ to: { label: 'x', name: 'x.test', ranges: [] } })])
  const sources = found.flatMap(({ source }) => source)
  assert.deepEqual(
    sources.filter(({ family }) => family === 4),
    rangesOf('10.0.0.0', '10.0.0.2 - 10.0.0.3'),
  )
})

test('a denial of all other names closes them', () => {
  const every = { text: '*', name: '', covers: 'any' as const }
  const asks = (names: Match['requestedNames']): Match => ({
    protocols: tcp,
    source: setOf('10.0.0.1'),
    destinationPorts: ports(443),
    ...(names !== undefined && { requestedNames: names }),
  })
  const named = permitOf({ to: { label: 'x', name: 'x.test', ranges: [] } })
  const main = { a: { does: 'allow', match: asks([patternOf('x.test')]) }, b: { does: 'drop', match: asks([every]) } }
  const open = { c: { does: 'allow', match: asks([patternOf('*.y.test')]) } }
  assert.deepEqual(beyond({ ...main, ...open }, [named]), [])
  assert.deepEqual(
    beyond({ ...open, ...main }, [named]).map(({ name }) => name),
    ['*.y.test'],
  )
})

test('what may pass is beyond, with what it depends on', () => {
  const [found] = beyond({ a: { does: 'allow', match: { ...match, destination: tagOf('Storage') } } }, [permitOf()])
  assert.match(found?.dependsOn[0]?.what ?? '', /tag Storage/)
})

test('a packet is beyond exactly where it passes and no permit asks for it', () => {
  const octet = fc.integer({ min: 0, max: 3 })
  const set = fc.tuple(octet, octet).map(([a, b]) => setOf(`10.0.0.${Math.min(a, b)} - 10.0.0.${Math.max(a, b)}`))
  const range = fc.tuple(octet, octet).map(([a, b]) => ports(`${Math.min(a, b)}-${Math.max(a, b)}`))
  const rule = fc.record({
    source: set,
    destination: set,
    destinationPorts: range,
    does: fc.constantFrom('allow', 'drop'),
  })
  const asked = fc.record({ source: set, destination: set, ports: range })
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), fc.array(asked, { maxLength: 4 }), (rules, wanted) => {
      const main = Object.fromEntries(
        rules.map(({ does, ...rest }, at) => [`r${at}`, { does, match: { protocols: tcp, ...rest } }]),
      )
      const permits = wanted.map(({ source, destination, ports: own }) =>
        permitOf({
          from: { label: 'a', ranges: source.sure },
          to: { label: 'b', ranges: destination.sure },
          ports: own,
        }),
      )
      const ruleSet = ruleSetOf({ main })
      const found = allowedBeyond(ruleSet, permits, 'forward', noKnowledge)
      for (let packet = 0; packet < 64; packet += 1) {
        const [from, to, port] = [packet & 3, (packet >> 2) & 3, packet >> 4]
        const [source] = rangesOf(`10.0.0.${from}`)
        const [destination] = rangesOf(`10.0.0.${to}`)
        if (source === undefined || destination === undefined) assert.fail()
        const question = {
          source: [source],
          destination: [destination],
          transport: 'tcp',
          ports: ports(port),
          request: 'connect',
        } as const
        const passes = judge(ruleSet, question, 'forward', noKnowledge).verdict === 'allow'
        const isIn = (ranges: readonly { first: bigint; last: bigint }[], value: bigint): boolean =>
          ranges.some(({ first, last }) => first <= value && value <= last)
        const isAt = (list: readonly { first: number; last: number }[]): boolean =>
          list.some(({ first, last }) => first <= port && port <= last)
        const isAsked = permits.some(
          (one) => isIn(one.from.ranges, source.first) && isIn(one.to.ranges, destination.first) && isAt(one.ports),
        )
        const isBeyond = found.some(
          (one) => isIn(one.source, source.first) && isIn(one.destination, destination.first) && isAt(one.ports),
        )
        assert.equal(isBeyond, passes && !isAsked)
      }
    }),
    { numRuns: 60 },
  )
})
