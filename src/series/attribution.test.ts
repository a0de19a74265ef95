import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Measure } from '../model/series.ts'
import type { SubjectFacts } from './attribution.ts'
import { attribute } from './attribution.ts'
import type { Period } from './periods.ts'
import type { SearchedSeries, SharedPhase } from './sharedPhase.ts'

const period: Period = {
  ...{ kind: 'spike', periodMs: 18e5, phaseMs: 0, clock: 'utc', when: '', nextAt: 0, p: 1e-9, confidence: 'likely' },
  ...{ duty: 0.1, effect: 20, cycles: 300, hitShare: 1, widthMs: 6e4, mayBeAliased: false },
}

const inside = (subject: string, more: Partial<SubjectFacts> = {}): SubjectFacts => ({
  ...{ subject, vantage: 'connect01', destination: subject, isController: false, isCloud: false, isDirectory: false },
  ...more,
})
const dc = (name: string, more: Partial<SubjectFacts> = {}): SubjectFacts =>
  inside(`${more.vantage ?? ''}${name}`, { destination: name, isController: true, isDirectory: true, ...more })
const cloud = (name: string, more: Partial<SubjectFacts> = {}): SubjectFacts => inside(name, { isCloud: true, ...more })

interface Row {
  readonly what: string
  /** Each with the measures in which it has the pattern, and those in which it has not. */
  readonly seen: readonly (readonly [SubjectFacts, has: readonly Measure[], hasNot?: readonly Measure[]])[]
  readonly to: string
  readonly suspect?: string
}

const rows: readonly Row[] = [
  {
    what: 'everything that one vantage looks at',
    seen: [
      [dc('dc01'), ['connect-ms']],
      [cloud('login.example'), ['connect-ms']],
      [inside('sql01'), ['connect-ms']],
      [dc('dc01', { vantage: 'edge02' }), [], ['connect-ms']],
    ],
    ...{ to: 'vantage', suspect: 'connect01' },
  },
  {
    what: 'one controller of two, in its connections as well',
    seen: [
      [dc('dc01'), ['connect-ms', 'first-byte-ms']],
      [dc('dc02'), [], ['connect-ms', 'first-byte-ms']],
      [cloud('login.example'), [], ['connect-ms']],
    ],
    ...{ to: 'controller', suspect: 'dc01' },
  },
  {
    what: 'answers of one controller, whose connections are even',
    seen: [
      [dc('dc01'), ['first-byte-ms'], ['connect-ms']],
      [dc('dc02'), [], ['first-byte-ms', 'connect-ms']],
    ],
    ...{ to: 'directory-load', suspect: 'dc01' },
  },
  {
    what: 'cloud names alone',
    seen: [
      [cloud('login.example'), ['connect-ms', 'tls-ms']],
      [cloud('graph.example'), ['connect-ms']],
      [dc('dc01'), [], ['connect-ms']],
    ],
    to: 'cloud',
  },
  {
    what: 'what goes through the proxy, inside and outside',
    seen: [
      [cloud('login.example', { proxy: 'egress' }), ['connect-ms']],
      [inside('intranet', { proxy: 'egress' }), ['connect-ms']],
      [cloud('direct.example'), [], ['connect-ms']],
      [dc('dc01'), [], ['connect-ms']],
      [dc('dc02'), [], ['connect-ms']],
    ],
    ...{ to: 'proxy', suspect: 'egress' },
  },
  {
    what: 'handshakes of cloud names whose connections are even',
    seen: [
      [cloud('login.example'), ['tls-ms'], ['connect-ms']],
      [cloud('graph.example'), ['tls-ms'], ['connect-ms']],
      [dc('dc01'), [], ['connect-ms']],
    ],
    to: 'inspection',
  },
  {
    what: 'one target that is no controller',
    seen: [
      [inside('sql01'), ['connect-ms']],
      [dc('dc01'), [], ['connect-ms']],
    ],
    ...{ to: 'destination', suspect: 'sql01' },
  },
  {
    what: 'two that have nothing in common, of many',
    seen: [
      [inside('sql01'), ['connect-ms']],
      [cloud('login.example'), ['connect-ms']],
      ...['a', 'b', 'c'].map((name) => [inside(name), [], ['connect-ms']] as const),
    ],
    to: 'undetermined',
  },
  {
    what: 'one series, with nothing beside it',
    seen: [[inside('sql01'), ['connect-ms']]],
    to: 'undetermined',
  },
]

function asked({ seen }: Row): [SharedPhase, readonly SearchedSeries[], readonly SubjectFacts[]] {
  const searched = seen.flatMap(([{ subject }, has, hasNot = []]) => [
    ...has.map((measure) => ({ subject, measure, periods: [period] })),
    ...hasNot.map((measure) => ({ subject, measure, periods: [] })),
  ])
  const members = searched.flatMap(({ subject, measure, periods }) =>
    periods.map((each) => ({ subject, measure, period: each })),
  )
  return [{ period, members }, searched, seen.map(([facts]) => facts)]
}

for (const row of rows)
  test(`a phase of ${row.what} is put down to: ${row.to}`, () => {
    const attribution = attribute(...asked(row))
    assert.equal(attribution.to, row.to, attribution.says)
    assert.equal(attribution.suspect?.name, row.suspect)
    assert.ok(attribution.says.length > 20)
  })

test('whoever shares a phase, it is put down to one of them or to nobody', () => {
  const facts = fc.record({
    subject: fc.constantFrom('a', 'b', 'c', 'd'),
    vantage: fc.constantFrom('v', 'w'),
    destination: fc.constantFrom('x', 'y', 'z'),
    ...{ isController: fc.boolean(), isCloud: fc.boolean(), isDirectory: fc.boolean() },
  })
  const one = fc.record({ facts, measure: fc.constantFrom<Measure>('connect-ms', 'tls-ms'), has: fc.boolean() })
  fc.assert(
    fc.property(fc.uniqueArray(one, { selector: (each) => each.facts.subject }), (all) => {
      const searched = all.map(({ facts: { subject }, measure, has }) => ({
        subject,
        measure,
        periods: has ? [period] : [],
      }))
      const members = searched.filter(({ periods }) => periods.length > 0).map((each) => ({ ...each, period }))
      const { suspect } = attribute(
        { period, members },
        searched,
        all.map((each) => each.facts),
      )
      const affected = all.filter(({ has }) => has).map((each) => each.facts)
      assert.ok(
        suspect === undefined ||
          affected.every(({ vantage, destination }) => [vantage, destination].some((name) => name === suspect.name)),
      )
    }),
  )
})
