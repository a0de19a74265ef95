import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { historyFolder, historyOptions, openedHistory } from '../../../test/historyFolder.ts'
import { hourMs, minuteMs, morning } from '../../../test/historySamples.ts'
import { lookOf } from '../../../test/watch/judgedHistory.ts'
import { changeMarkdown } from '../../cli/render/changeMarkdown.ts'
import { changeText } from '../../cli/render/changeText.ts'
import type { ChangeReport } from '../../model/changeReport.ts'
import type { Sample } from '../../model/sample.ts'
import { changeReport } from './index.ts'

const startedAt = morning + 6 * hourMs
const endedAt = startedAt + hourMs
const now = endedAt + 2 * hourMs
const page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }
const steady: Partial<Sample> = { address: '10.1.0.5', certificate: 'ab'.repeat(32) }

/** What each subject came to before the change and after it; undefined: nobody looked. */
type Told = Readonly<Record<string, readonly [before: Look | undefined, after: Look | undefined]>>
interface Look {
  readonly told?: Partial<Sample>
  /** Of each so many looks one fails. */
  readonly failsEach?: number
  readonly ms?: number
}

async function reportOf(t: TestContext, subjects: Told): Promise<ChangeReport> {
  const settings = { rawDays: 30, failureDays: 30, sketchDays: 365, mostMib: 64 }
  const store = openedHistory(t, historyOptions(historyFolder(t), { settings, now: () => now }))
  for (const [key, looks] of Object.entries(subjects)) {
    for (const [place, look] of looks.entries()) {
      if (look === undefined) continue
      const from = place === 0 ? startedAt - 2 * hourMs : endedAt
      const ats = Array.from({ length: 120 }, (_, minute) => from + minute * minuteMs)
      const isWell = (turn: number): boolean => look.failsEach === undefined || turn % look.failsEach !== 0
      await store.write({
        samples: ats.map((at, turn) => lookOf(key, at, isWell(turn), { ...steady, ...look.told })),
        readings: ats.map((at) => ({ subject: key, measure: 'connect-ms', at, value: look.ms ?? 12 })),
      })
    }
  }
  const change = { site: 'hq', name: 'firewall-1', startedAt, endedAt }
  const named = Object.keys(subjects).map((subject) => ({ subject, title: `flow ${subject}` }))
  return changeReport(store, { ...change, subjects: named }, now, '0')
}

test('where nothing differs that is said, with how many were compared', async (t) => {
  const report = await reportOf(t, {
    a: [{}, {}],
    b: [{ failsEach: 60 }, { failsEach: 50 }],
    c: [{ ms: 12 }, { ms: 14 }],
  })
  assert.deepEqual(report.changes, [])
  assert.match(changeText(report, page), /nothing differs: 3 subjects compared\n/)
})

const rows: readonly { what: string; after: Look; change: string; differs: RegExp }[] = [
  {
    what: 'a flow that fails',
    after: { failsEach: 1 },
    change: 'broke',
    differs: /verdict open -> blocked; cause none -> filtered-silently/,
  },
  {
    what: 'a flow that loses looks',
    after: { failsEach: 5 },
    change: 'broke',
    differs: /failed 0 of 120 looks -> 24 of 120/,
  },
  {
    what: 'another address',
    after: { told: { address: '10.1.0.9' } },
    change: 'changed',
    differs: /^address 10.1.0.5 -> 10.1.0.9$/,
  },
  {
    what: 'another certificate',
    after: { told: { certificate: 'cd'.repeat(32) } },
    change: 'changed',
    differs: /^certificate \(SHA-256\) abababababababab -> cdcdcdcdcdcdcdcd$/,
  },
  { what: 'another time', after: { ms: 40 }, change: 'changed', differs: /^connect 12 ms -> 40(\.\d)? ms$/ },
]
for (const { what, after, change, differs } of rows) {
  test(`${what} is listed, and that nothing else differs`, async (t) => {
    const report = await reportOf(t, { quiet: [{}, {}], other: [{}, after] })
    assert.deepEqual(
      report.changes.map((one) => [one.subject, one.change]),
      [['other', change]],
    )
    assert.match(report.changes[0]?.differences.join('; ') ?? '', differs)
    assert.match(changeText(report, page), new RegExp(`1 ${change}; nothing else differs: 1 more compared\n`))
    assert.match(changeMarkdown(report), /nothing else differs: 1 more compared/)
  })
}

test('what was not looked at in one of the times is listed, and that nothing else differs is not said', async (t) => {
  const report = await reportOf(t, { a: [{}, undefined], b: [undefined, {}], c: [undefined, undefined], d: [{}, {}] })
  assert.deepEqual(
    report.notCompared.map(({ subject, lacks }) => `${subject} ${lacks}`),
    ['a after', 'b before', 'c both'],
  )
  const text = changeText(report, page)
  assert.match(text, /nothing differs: 1 subject compared; nothing is known of 3 that were not looked at in both times/)
  assert.match(text, /next: ask again when all has been looked at/)
})

test('what is mended comes after what broke, and what fails as before is no change', async (t) => {
  const report = await reportOf(t, {
    mended: [{ failsEach: 1 }, {}],
    broke: [{}, { failsEach: 1 }],
    still: [{ failsEach: 1 }, { failsEach: 1 }],
  })
  assert.deepEqual(
    report.changes.map((one) => one.change),
    ['broke', 'mended'],
  )
  assert.deepEqual(
    report.stillFailing.map((one) => one.subject),
    ['still'],
  )
  assert.match(changeText(report, page), /1 broke, 1 mended; nothing else differs: 1 more compared, 1 of them not well/)
})
