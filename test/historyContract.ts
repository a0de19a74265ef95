import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Gap, Mark, Sample } from '../src/model/sample.ts'
import type { Measure, Reading, Span } from '../src/model/series.ts'
import type { HistoryStore } from '../src/store/history/index.ts'
import {
  aFailure,
  alertOf,
  dayMs,
  hourMs,
  incidentOf,
  minuteMs,
  morning,
  readingOf,
  sampleOf,
} from './historySamples.ts'

/** A store of its own for a test, of which looks are kept for two days, failures for three and sketches for a year. */
export interface HistoryUnderTest {
  /** Opens it, or opens it again as after a restart; closed with the test. */
  open(): HistoryStore
  /** What its clock says, which goes only when it is told to. */
  readonly clock: { now: number }
}

/** What every {@link HistoryStore} does, whatever it stands on. */
export function historyContract(name: string, made: (t: TestContext) => HistoryUnderTest): void {
  const quiet = new AbortController().signal
  const all: Span = { from: 0, to: Number.MAX_SAFE_INTEGER }
  const says = (rule: string, run: (t: TestContext, under: HistoryUnderTest) => Promise<void>): void => {
    test(`${name} ${rule}`, (t) => run(t, made(t)))
  }

  says('gives back what was written, in order of time, after a restart as before', async (_, { open }) => {
    const store = open()
    const [first, second] = [sampleOf({ at: morning }), sampleOf({ at: morning + minuteMs, address: '2001:db8::7' })]
    const failed = sampleOf({
      ...{ at: morning + 2 * minuteMs, verdict: 'blocked', cause: 'filtered-silently', isWell: false },
      ...{ confidence: 'likely', timing: { dnsMs: 0.1, connectMs: null, tlsMs: null, firstByteMs: null } },
    })
    await store.write({ samples: [second], readings: [readingOf({ value: 12.34567 })] })
    await store.write({ samples: [failed, first] })
    const seen = (of: HistoryStore) => [
      of.samples(first.key, all, 10),
      of.latest(),
      of.readings('a|b', 'tls-ms', all, 10),
    ]
    const expected = [[first, second, failed], [failed], [readingOf({ value: 12.34567 })]]
    assert.deepEqual(seen(store), expected)
    await store.tidy(morning + hourMs, quiet)
    assert.deepEqual(seen(store), expected)
    store.close()
    assert.deepEqual(seen(open()), expected)
  })

  says('knows nothing of flows, measures and ids that nobody wrote', async (_, { open }) => {
    const store = open()
    await store.write({})
    assert.deepEqual(store.samples('no such', all, 9), [])
    assert.deepEqual(store.readings('no such', 'dns-ms', all, 9), [])
    assert.deepEqual(store.quantiles('no such', 'dns-ms', all, 1000, [0.5]), [])
    assert.deepEqual(store.tallies('no such', all, 1000), [])
    assert.deepEqual([...store.failures(all, 'no such'), ...store.failures(all)], [])
    assert.deepEqual([store.latest(), store.marks(all), store.gaps(all), store.openIncidents()], [[], [], [], []])
    assert.deepEqual(
      [store.incident('no such'), store.word('no such'), store.waiting('no such')],
      [undefined, undefined, 0],
    )
  })

  says(
    'keeps both of two looks at one time, and takes times that are earlier than what it has',
    async (_, { open }) => {
      const store = open()
      const looks = [1, 2].map((dnsMs) => sampleOf({ at: morning, timing: { ...sampleOf({}).timing, dnsMs } }))
      const early = sampleOf({ at: morning - 5 * hourMs })
      await store.write({ samples: looks.slice(0, 1), readings: [readingOf({ value: 1 }), readingOf({ value: 2 })] })
      await store.tidy(morning + 2 * hourMs, quiet)
      await store.write({ samples: [...looks.slice(1), early], readings: [readingOf({ value: 3 })] })
      for (let restarts = 0; restarts < 2; restarts += 1) {
        assert.deepEqual(store.samples(early.key, all, 9), [early, ...looks])
        assert.deepEqual(
          store.readings('a|b', 'tls-ms', all, 9).map(({ value }) => value),
          [1, 2, 3],
        )
        assert.deepEqual(store.latest(), looks.slice(1))
        const [hour] = store.quantiles('a|b', 'tls-ms', { from: morning, to: morning + hourMs }, hourMs, [0, 1])
        assert.equal(hour?.count, 3)
        isNear(hour.values, [1, 3])
        await store.tidy(morning + 3 * hourMs, quiet)
      }
    },
  )

  says('gives the newest of more than were asked for', async (_, { open }) => {
    const store = open()
    const samples = Array.from({ length: 60 }, (_, at) => sampleOf({ at: morning + at * hourMs }))
    await store.write({ samples, readings: samples.map(({ at }) => readingOf({ at, value: at })) })
    const of = (span: Span, most: number) => [
      store.samples(sampleOf({}).key, span, most).map(({ at }) => at),
      store.readings('a|b', 'tls-ms', span, most).map(({ value }) => value),
    ]
    const times = samples.map(({ at }) => at)
    for (const each of ['before', 'after'] as const) {
      if (each === 'after') await store.tidy(morning + 48 * hourMs, quiet)
      for (const seen of of(all, 7)) assert.deepEqual(seen, times.slice(-7))
      for (const seen of of({ from: morning, to: morning + 40 * hourMs }, 30))
        assert.deepEqual(seen, times.slice(10, 40))
      for (const seen of of({ from: morning + hourMs, to: morning + 2 * hourMs + 1 }, 9)) {
        assert.deepEqual(seen, times.slice(1, 3))
      }
      for (const seen of of(all, 0)) assert.deepEqual(seen, [])
    }
  })

  says('shows what was looked at last when a clock that was ahead is set back', async (_, { open, clock }) => {
    const store = open()
    await store.write({ samples: [sampleOf({ at: morning + 400 * dayMs })] })
    clock.now = morning
    const last = sampleOf({ at: morning })
    await store.write({ samples: [last] })
    assert.deepEqual(store.latest(), [last])
    await store.write({ samples: [sampleOf({ at: morning - minuteMs })] })
    assert.deepEqual(store.latest(), [last])
    store.close()
    assert.deepEqual(open().latest(), [last])
  })

  says('refuses a batch with a time or a value that is none, whole', async (_, { open }) => {
    const store = open()
    for (const at of [Number.NaN, -1, Number.POSITIVE_INFINITY, 9e15]) {
      await assert.rejects(store.write({ samples: [sampleOf({}), sampleOf({ at })] }), RangeError)
      await assert.rejects(store.write({ readings: [readingOf({ at })] }), RangeError)
      await assert.rejects(store.write({ marks: [{ at, kind: 'change-start', name: 'x' }] }), RangeError)
    }
    await assert.rejects(store.write({ readings: [readingOf({}), readingOf({ value: Number.NaN })] }), RangeError)
    assert.deepEqual([store.latest(), store.readings('a|b', 'tls-ms', all, 9), store.marks(all)], [[], [], []])
  })

  says('tells marks in order, and gaps that reach into a span', async (_, { open }) => {
    const store = open()
    const marks: Mark[] = [
      { at: morning + 2, kind: 'change-end', name: 'cutover' },
      { at: morning, kind: 'change-start', name: 'cutover' },
      { at: morning, kind: 'site-reloaded', name: '' },
    ]
    const gaps: Gap[] = [
      { from: morning, to: morning + 100, why: 'suspended' },
      { from: morning + 200, to: morning + 300, why: 'not-running' },
      { from: morning + 250, to: morning + 250, why: 'clock-moved' },
    ]
    await store.write({ marks, gaps })
    assert.deepEqual(
      store.marks({ from: morning, to: morning + 3 }).map(({ kind }) => kind),
      ['change-start', 'site-reloaded', 'change-end'],
    )
    assert.equal(store.marks({ from: morning, to: morning + 2 }).length, 2)
    const rows: readonly [from: number, to: number, expected: readonly number[]][] = [
      [99, 200, [0]],
      [100, 200, []],
      [100, 201, [1]],
      [250, 251, [1, 2]],
      [0, 400, [0, 1, 2]],
    ]
    for (const [from, to, expected] of rows) {
      assert.deepEqual(
        store.gaps({ from: morning + from, to: morning + to }),
        expected.map((at) => gaps[at]),
      )
    }
  })

  says('keeps failures whole, oldest first, of all flows and of one', async (_, { open }) => {
    const store = open()
    const many = Array.from({ length: 250 }, (_, at) =>
      aFailure(at % 2 === 0 ? 'even' : 'odd', morning + at - (at % 7)),
    )
    await store.write({ failures: many.slice(0, 100) })
    await store.write({ failures: many.slice(100) })
    const inOrder = many.toSorted((one, other) => one.at - other.at)
    assert.deepEqual([...store.failures(all)], inOrder)
    assert.deepEqual(
      [...store.failures(all, 'odd')],
      inOrder.filter(({ key }) => key === 'odd'),
    )
    const span = { from: morning + 50, to: morning + 60 }
    assert.deepEqual(
      [...store.failures(span)],
      inOrder.filter(({ at }) => at >= span.from && at < span.to),
    )
  })

  says(
    'knows incidents as they were last kept, those that are open, and those of a span, newest first',
    async (_, { open }) => {
      const store = open()
      const old = incidentOf('old', { since: morning, until: morning + 10, state: 'closed' })
      const long = incidentOf('long', { since: morning + 5 })
      await store.keepIncidents([old, long], [])
      const young = incidentOf('young', { since: morning + 20, state: 'recovering', until: morning + 30 })
      await store.keepIncidents([young, { ...long, says: 'it is so still', flaps: 2 }], [])
      const ids = (from: number, to: number, most = 9) =>
        store.incidents({ from: morning + from, to: morning + to }, most).map(({ id }) => id)
      for (let restarts = 0; restarts < 2; restarts += 1) {
        assert.deepEqual(store.incident('long'), { ...long, says: 'it is so still', flaps: 2 })
        assert.deepEqual(
          store.openIncidents().map(({ id }) => id),
          ['long', 'young'],
        )
        assert.deepEqual(ids(0, 100), ['young', 'long', 'old'])
        assert.deepEqual(ids(0, 100, 2), ['young', 'long'])
        assert.deepEqual(ids(10, 20), ['long'])
        assert.deepEqual(ids(0, 5), ['old'])
        await store.tidy(morning + hourMs, quiet)
      }
    },
  )

  says('queues texts for each outlet in their order, until they were sent', async (_, { open }) => {
    const store = open()
    await store.spool('mail', 'one', 100)
    await store.spool('chat', 'other', 100)
    await store.spool('mail', 'two', 100)
    const alert = alertOf('a', incidentOf('x', {}), 90)
    await store.keepIncidents([alert.incident], [{ outlet: 'mail', alert }])
    const bodies = (now: number, most = 9) => store.due('mail', now, most).map(({ body }) => body)
    assert.deepEqual(bodies(100), ['one', 'two', JSON.stringify(alert)])
    assert.deepEqual([bodies(100, 1), bodies(99)], [['one'], [JSON.stringify(alert)]])
    const [first, second, third] = store.due('mail', 100, 9)
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    assert.ok(first.number < second.number && second.number < third.number)
    assert.deepEqual([first.outlet, first.tries, first.dueAt], ['mail', 0, 100])
    await store.postpone(first.number, 500)
    await store.sent([second.number])
    assert.deepEqual([bodies(100), store.waiting('mail'), store.waiting('chat')], [[JSON.stringify(alert)], 2, 1])
    store.close()
    const again = open()
    assert.deepEqual(
      again.due('mail', 500, 9).map(({ body, tries }) => [body, tries]),
      [
        ['one', 1],
        [JSON.stringify(alert), 0],
      ],
    )
    await again.sent(again.due('mail', 500, 9).map(({ number }) => number))
    await again.spool('mail', 'three', 1)
    const [next] = again.due('mail', 500, 9)
    assert.ok(next !== undefined && next.number > third.number, 'a number means one text, for ever')
  })

  says('gives an alert to a queue once, however often it is handed in', async (_, { open }) => {
    const store = open()
    const alert = alertOf('a', incidentOf('x', {}), 5)
    for (let time = 0; time < 2; time += 1) {
      await store.keepIncidents(
        [alert.incident],
        [
          { outlet: 'mail', alert },
          { outlet: 'chat', alert },
        ],
      )
    }
    assert.deepEqual([store.waiting('mail'), store.waiting('chat')], [1, 1])
  })

  says('keeps words', async (_, { open }) => {
    const store = open()
    await store.keepWord('phase', 'one')
    await store.keepWord('phase', '{"two":"2 €"}')
    store.close()
    assert.equal(open().word('phase'), '{"two":"2 €"}')
  })

  says('removes what is older than the settings say, and tells of it what it sketched', async (_, { open, clock }) => {
    const store = open()
    const ats = Array.from({ length: 10 * 24 }, (_, hour) => morning + hour * hourMs)
    await store.write({
      samples: ats.map((at, index) => sampleOf({ at, isWell: index % 3 !== 0 })),
      readings: ats.map((at, index) => readingOf({ at, value: 10 + (index % 24) })),
      failures: ats.map((at) => aFailure('f', at)),
    })
    clock.now = morning + 10 * dayMs
    const { removed, octets } = await store.tidy(clock.now, quiet)
    assert.ok(removed > 0 && octets > 0)
    const key = sampleOf({}).key
    assert.deepEqual(
      store.samples(key, all, 1000).map(({ at }) => at),
      ats.slice(-48),
    )
    assert.equal([...store.failures(all)].length, 3 * 24)
    for (const [stepMs, steps] of [
      [hourMs, 240],
      [dayMs, 10],
      [10 * dayMs, 1],
    ] as const) {
      const told = store.quantiles('a|b', 'tls-ms', { from: morning, to: clock.now }, stepMs, [0, 0.5, 1])
      assert.deepEqual([told.length, told.reduce((sum, { count }) => sum + count, 0)], [steps, 240])
      const tallies = store.tallies(key, { from: morning, to: clock.now }, stepMs)
      assert.deepEqual([tallies.length, tallies.reduce((sum, { looks }) => sum + looks, 0)], [steps, 240])
      assert.equal(
        tallies.reduce((sum, { notWell }) => sum + notWell, 0),
        80,
      )
    }
    const [day] = store.quantiles('a|b', 'tls-ms', { from: morning, to: morning + dayMs }, dayMs, [0, 0.5, 1])
    assert.equal(day?.at, morning)
    isNear(day.values, [10, 21, 33])
    await store.tidy(clock.now + dayMs, quiet)
    assert.deepEqual(store.latest().length, 1)
    await store.tidy(clock.now + 2 * dayMs, quiet)
    assert.deepEqual([store.latest(), store.samples(key, all, 9)], [[], []])
    const whole = store.tallies(key, { from: morning, to: clock.now }, 10 * dayMs)
    assert.deepEqual(whole, [{ at: morning, looks: 240, notWell: 80 }])
  })

  says(
    'removes nothing for a clock that leaps for an hour, and believes one that goes on for a day',
    async (_, { open, clock }) => {
      const store = open()
      const sample = sampleOf({ at: morning })
      await store.write({ samples: [sample], failures: [aFailure('f', morning)] })
      const kept = () => [store.samples(sample.key, all, 9).length, [...store.failures(all)].length]
      await store.tidy(morning + minuteMs, quiet)
      const leap = 300 * dayMs
      for (const ms of [leap, leap + hourMs, 2 * hourMs, leap + 3 * hourMs, leap + 20 * hourMs]) {
        clock.now = morning + ms
        await store.tidy(clock.now, quiet)
        assert.deepEqual(kept(), [1, 1])
      }
      clock.now = morning + leap + 28 * hourMs
      await store.tidy(clock.now, quiet)
      assert.deepEqual(kept(), [0, 0])
    },
  )

  says('answers as a list in memory would, whatever is written and whenever it is tidied', async (t) => {
    const keys = ['k|1', 'k|2', 'sign-in:daemon']
    const measures: readonly Measure[] = ['dns-ms', 'whole-ms']
    const anyAt = fc.oneof(fc.integer({ min: 0, max: 4 * dayMs }), fc.constantFrom(0, hourMs, hourMs - 1, dayMs))
    const anyValue = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.double({ min: 0, max: 1e6, noNaN: true }))
    const maybeMs = fc.option(anyValue)
    const anySample = fc
      .record({
        key: fc.constantFrom(...keys),
        at: anyAt,
        isWell: fc.boolean(),
        address: fc.constantFrom('10.0.0.1', '::1'),
        timing: fc.record({ dnsMs: maybeMs, connectMs: maybeMs, tlsMs: maybeMs, firstByteMs: maybeMs }),
      })
      .map((parts) => sampleOf({ ...parts, at: morning + parts.at, timing: { ...parts.timing } }))
    const anyReading: fc.Arbitrary<Reading> = fc
      .record({ subject: fc.constantFrom(...keys), measure: fc.constantFrom(...measures), at: anyAt, value: anyValue })
      .map((parts) => ({ ...parts, at: morning + parts.at }))
    const anyStep = fc.oneof(
      { weight: 4, arbitrary: fc.record({ samples: fc.array(anySample), readings: fc.array(anyReading) }) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 4 * dayMs }) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    )
    const anySpan = fc
      .record({ from: anyAt, length: fc.integer({ min: 0, max: 2 * dayMs }), step: fc.integer({ min: 1, max: dayMs }) })
      .chain((span) =>
        fc.constantFrom(
          span,
          { ...span, from: Math.floor(span.from / hourMs) * hourMs, step: hourMs },
          { from: 0, length: 4 * dayMs, step: dayMs },
        ),
      )
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { maxLength: 12 }),
        fc.array(anySpan, { maxLength: 6 }),
        async (steps, spans) => {
          const under = made(t)
          let store = under.open()
          const samples: Sample[] = []
          const readings: Reading[] = []
          for (const step of steps) {
            if (step === 'restart') {
              store.close()
              store = under.open()
            } else if (typeof step === 'number') {
              await store.tidy(morning + Math.min(step, 2 * dayMs), quiet)
            } else {
              await store.write(step)
              samples.push(...step.samples)
              readings.push(...step.readings)
            }
          }
          compare(store, { samples, readings }, keys, measures, spans)
          store.close()
        },
      ),
      { numRuns: 60 },
    )
  })
}

/** Within the 1 % that a sketch has; what is nearer to zero than a millionth is zero. */
function isNear(values: readonly number[], truths: readonly number[]): void {
  assert.equal(values.length, truths.length)
  for (const [index, truth] of truths.entries()) {
    const value = values[index] ?? Number.NaN
    assert.ok(Math.abs(value - truth) <= truth * 0.0101 + 1e-6, `${value} is told for ${truth}`)
  }
}

interface Model {
  readonly samples: readonly Sample[]
  readonly readings: readonly Reading[]
}

interface AskedSpan {
  readonly from: number
  readonly length: number
  readonly step: number
}

/** Holds every answer against one that is found by looking through everything. */
function compare(
  store: HistoryStore,
  model: Model,
  keys: readonly string[],
  measures: readonly Measure[],
  spans: readonly AskedSpan[],
): void {
  for (const { from, length, step } of spans) {
    const span = { from: morning + from, to: morning + from + length }
    const within = <T extends { readonly at: number }>(list: readonly T[]): T[] =>
      list.filter(({ at }) => at >= span.from && at < span.to).toSorted((one, other) => one.at - other.at)
    const stepOf = ({ at }: { readonly at: number }): number => span.from + Math.floor((at - span.from) / step) * step
    for (const key of keys) {
      const samples = within(model.samples.filter((each) => each.key === key))
      assert.deepEqual(store.samples(key, span, 1000), samples)
      assert.deepEqual(store.samples(key, span, 3), samples.slice(-3))
      const tallies = [...Map.groupBy(samples, stepOf)].map(([at, looks]) => ({
        at,
        looks: looks.length,
        notWell: looks.filter(({ isWell }) => !isWell).length,
      }))
      assert.deepEqual(store.tallies(key, span, step), tallies)
      for (const measure of measures) {
        const readings = within(model.readings.filter((each) => each.subject === key && each.measure === measure))
        assert.deepEqual(store.readings(key, measure, span, 1000), readings)
        const told = store.quantiles(key, measure, span, step, [0, 0.5, 0.9])
        const groups = [...Map.groupBy(readings, stepOf)]
        assert.deepEqual(
          told.map(({ at, count }) => [at, count]),
          groups.map(([at, group]) => [at, group.length]),
        )
        for (const [index, [, group]] of groups.entries()) {
          const sorted = group.map(({ value }) => value).sort((one, other) => one - other)
          const truths = [0, 0.5, 0.9].map((share) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN)
          isNear(told[index]?.values ?? [], truths)
        }
      }
    }
  }
  const newest = new Map<string, Sample>()
  for (const sample of model.samples) {
    if (sample.at >= (newest.get(sample.key)?.at ?? 0)) newest.set(sample.key, sample)
  }
  const byKey = (list: readonly Sample[]) => list.toSorted((one, other) => (one.key < other.key ? -1 : 1))
  assert.deepEqual(byKey(store.latest()), byKey([...newest.values()]))
}
