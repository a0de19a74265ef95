import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JoinInput } from './joinSignIns.ts'
import { joinSignIns } from './joinSignIns.ts'
import { maximumPairs } from './maximumPairs.ts'
import { readSignIns } from './readSignIns.ts'
import type { OwnSignIn, TenantSignIn } from './signInEntry.ts'

const app = '5b0d3f52-1c1e-4a6f-8a55-0f6c0d9e2001'
const begin = Date.parse('2026-03-28T12:00:00Z')
const minute = 60_000
const guid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

function joined(tenant: readonly TenantSignIn[], own: readonly OwnSignIn[], over: Partial<JoinInput> = {}) {
  const now = begin + 240 * minute
  return joinSignIns({
    ...{ tenant, own, apps: new Set([app]), now, latencyMs: 30 * minute, toleranceMs: 5 * minute },
    ...{ tenantCovers: { from: begin - 60 * minute, to: now }, ownCovers: { from: begin - 60 * minute, to: now } },
    ...over,
  })
}

const entry = (over: Partial<TenantSignIn> = {}): TenantSignIn => ({
  ...{ id: 'entry', at: begin, app, person: guid(1), address: '203.0.113.7', correlation: guid(900), code: 0 },
  ...over,
})
const event = (over: Partial<OwnSignIn> = {}): OwnSignIn => ({
  ...{ id: 'event', at: begin + 2000, by: 'gate', app, isIn: true, person: guid(1), address: '203.0.113.7' },
  ...over,
})

const anyEntry: fc.Arbitrary<TenantSignIn> = fc.record(
  {
    id: fc.nat(40).map(guid),
    at: fc.nat(300).map((at) => begin + at * minute),
    app: fc.constantFrom(app, guid(5)),
    code: fc.constantFrom(0, 0, 0, 50_126),
    person: fc.nat(3).map(guid),
    address: fc.constantFrom('203.0.113.7', '10.0.0.1', '2001:db8::1'),
    correlation: fc.nat(8).map(guid),
  },
  { requiredKeys: ['id', 'at', 'app', 'code'] },
)
const anyEvent: fc.Arbitrary<OwnSignIn> = fc.record(
  {
    id: fc.nat(40).map((id) => `event ${id}`),
    at: fc.nat(300).map((at) => begin + at * minute),
    by: fc.constantFrom('gate', 'probe'),
    app: fc.constantFrom(app, guid(5)),
    isIn: fc.boolean(),
    person: fc.nat(3).map(guid),
    address: fc.constantFrom('203.0.113.7', '10.0.0.1', '2001:db8::1'),
    correlation: fc.nat(8).map(guid),
  },
  { requiredKeys: ['id', 'at', 'by', 'app', 'isIn'] },
)

test('of any two lists each sign-in is in one class, those are told that are accused, and order does not matter', () => {
  fc.assert(
    fc.property(fc.array(anyEntry), fc.array(anyEvent), (tenant, own) => {
      const result = joined(tenant, own)
      assert.deepEqual(new Set(result.tenant.keys()), new Set(tenant.map(({ id }) => id)))
      assert.deepEqual(new Set(result.own.keys()), new Set(own.map(({ id }) => id)))
      for (const { id } of result.unseenByGate) assert.equal(result.tenant.get(id), 'unseen')
      for (const { id, isIn } of result.unseenByTenant) assert.ok(isIn && result.own.get(id) === 'unseen')
    }),
  )
})

/** A sign-in as it was: what either side tells of it follows. */
const anyTruth = fc.record({
  at: fc.nat(240 * 60).map((at) => begin + at * 1000),
  person: fc.nat(3).map(guid),
  hasAddress: fc.boolean(),
  hasCorrelation: fc.boolean(),
  /** Seconds by which the two clocks and the person's patience put them apart. */
  apart: fc.integer({ min: -300, max: 300 }),
  /** Minutes until the log has it. */
  lateness: fc.integer({ min: 0, max: 29 }),
  isIn: fc.boolean(),
  copies: fc.integer({ min: 1, max: 3 }),
})

test('nobody is accused of what both sides saw, however late, often and in whatever order it is told', () => {
  fc.assert(
    fc.property(
      fc
        .array(anyTruth, { maxLength: 30 })
        .chain((truths) => fc.tuple(fc.constant(truths), fc.infiniteStream(fc.nat()))),
      ([truths, order]) => {
        const now = begin + 240 * minute
        const shuffled = <One>(list: readonly One[]): readonly One[] =>
          list
            .map((one) => ({ one, by: order.next().value ?? 0 }))
            .sort((a, b) => a.by - b.by)
            .map(({ one }) => one)
        const tenant = truths.flatMap(({ at, person, hasAddress, hasCorrelation, lateness, copies }, index) => {
          if (at + lateness * minute > now) return []
          const one = {
            ...{ id: `t${index}`, at, app, person, code: 0, correlation: guid(index) },
            address: hasAddress ? `203.0.113.${index}` : '10.0.0.1',
          }
          return Array.from({ length: copies }, () =>
            hasCorrelation ? one : { ...one, correlation: guid(500 + index) },
          )
        })
        const own = truths.flatMap(({ at, person, hasAddress, hasCorrelation, apart, isIn, copies }, index) => {
          const told = at + apart * 1000
          if (told > now) return []
          const address = hasAddress ? `203.0.113.${index}` : '192.168.0.1'
          const one: OwnSignIn = {
            ...{ id: `o${index}`, at: told, by: 'gate', app, isIn, address },
            ...(isIn && { person }),
            ...(hasCorrelation && { correlation: guid(index).replaceAll('-', '') }),
          }
          return Array.from({ length: copies }, () => one)
        })
        // A sign-in that failed here and has another address there is known by nothing.
        const known = truths.every(({ isIn, hasAddress, hasCorrelation }) => isIn || hasAddress || hasCorrelation)
        fc.pre(known)
        const { unseenByGate, unseenByTenant } = joined(shuffled(tenant), shuffled(own))
        assert.deepEqual([unseenByGate, unseenByTenant], [[], []])
      },
    ),
    { numRuns: 500 },
  )
})

test('what one side alone has is told once its time is over, and not before', () => {
  assert.equal(joined([entry()], []).unseenByGate[0]?.id, 'entry')
  assert.equal(joined([], [event()]).unseenByTenant[0]?.id, 'event')
  const early = { now: begin + 29 * minute, tenantCovers: { from: begin - 60 * minute, to: begin + 29 * minute } }
  assert.equal(joined([entry()], [], early).tenant.get('entry'), 'waiting')
  assert.equal(joined([], [event()], early).own.get('event'), 'waiting')
  const before = { from: begin + minute, to: begin + 240 * minute }
  assert.equal(joined([entry()], [], { ownCovers: before }).tenant.get('entry'), 'outside')
  assert.equal(joined([], [event()], { tenantCovers: before }).own.get('event'), 'outside')
})

const rows: readonly (readonly [string, Partial<TenantSignIn>, Partial<OwnSignIn>, boolean])[] = [
  ['the same correlation id, hours apart', { at: begin + 120 * minute }, { correlation: guid(900) }, true],
  ['the same correlation id and another person', {}, { correlation: guid(900), person: guid(2) }, false],
  ['the same person from another address', { address: '198.51.100.9' }, {}, true],
  ['the same person too far apart', { at: begin - 6 * minute }, {}, false],
  ['another person from the same address', { person: guid(2) }, {}, false],
  ['another app', {}, { app: guid(5) }, false],
]
for (const [what, tenant, own, isJoined] of rows) {
  test(`${what}: ${isJoined ? 'one sign-in' : 'two'}`, () => {
    const result = joined([entry(tenant)], [event(own)])
    assert.deepEqual(
      [result.tenant.get('entry'), result.own.get('event')],
      isJoined ? ['joined', 'joined'] : ['unseen', 'unseen'],
    )
  })
}

test('a failure at the gate answers to a sign-in from its address, and to none from another', () => {
  const failed = event({ isIn: false })
  const { person: _, ...nameless } = failed
  assert.equal(joined([entry()], [nameless]).tenant.get('entry'), 'joined')
  assert.equal(joined([entry({ address: '198.51.100.9' })], [nameless]).tenant.get('entry'), 'unseen')
})

test('the steps of one sign-in are one, and a probe answers for its own', () => {
  const steps = [entry({ id: 'first', code: 50_074 }), entry({ id: 'last', at: begin + 20_000 })]
  assert.deepEqual([...joined(steps, [event()]).tenant.values()], ['joined', 'joined'])
  assert.deepEqual(
    joined(steps, []).unseenByGate.map(({ id }) => id),
    ['last'],
  )
  const probe: OwnSignIn = { id: 'daemon:1', at: begin, by: 'probe', app, isIn: false }
  assert.equal(joined([entry()], [probe]).tenant.get('entry'), 'joined')
})

test('as many are paired as can be, and all that need it and can', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uniqueArray(fc.nat(5), { maxLength: 4 }), { maxLength: 6 }),
      fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      (edges, left, right) => {
        const needs = {
          count: 6,
          needsLeft: (at: number) => left[at] === true,
          needsRight: (at: number) => right[at] === true,
        }
        const pairs = maximumPairs(edges, needs)
        assert.equal(new Set(pairs.map(([l]) => l)).size, pairs.length)
        assert.equal(new Set(pairs.map(([, r]) => r)).size, pairs.length)
        for (const [l, r] of pairs) assert.ok(edges[l]?.includes(r))
        assert.equal(
          pairs.length,
          best(edges, () => 1),
        )
        const met = pairs.filter(([l]) => left[l]).length + pairs.filter(([, r]) => right[r]).length
        assert.equal(
          met,
          best(edges, (l, r) => Number(left[l] === true) + Number(right[r] === true)),
        )
      },
    ),
  )
})

/** By trying everything. */
function best(
  edges: readonly (readonly number[])[],
  worth: (l: number, r: number) => number,
  at = 0,
  used: readonly number[] = [],
): number {
  const mine = edges[at]
  if (mine === undefined) return 0
  const without = best(edges, worth, at + 1, used)
  return mine
    .filter((one) => !used.includes(one))
    .reduce((most, one) => Math.max(most, worth(at, one) + best(edges, worth, at + 1, [...used, one])), without)
}

test('whatever a log holds it is read, and what is no entry is counted', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void readSignIns(value)))
  const good = {
    ...{ id: 'A1', createdDateTime: '2026-03-28T12:00:00Z', appId: app.toUpperCase(), userId: guid(1).toUpperCase() },
    ...{
      ipAddress: '2001:DB8:0::1',
      correlationId: guid(2),
      status: { errorCode: 0 },
      conditionalAccessStatus: 'success',
    },
  }
  const read = readSignIns({ value: [good, { ...good, createdDateTime: 'soon' }, null] })
  assert.equal(read?.unread, 2)
  assert.deepEqual(read?.signIns[0], {
    ...{ id: 'a1', at: begin, app, code: 0, person: guid(1), address: '2001:db8::1', correlation: guid(2) },
    conditionalAccess: 'success',
  })
})
