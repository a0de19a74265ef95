import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryHistory } from '../../../test/watch/memoryHistory.ts'
import { checkReport, plannedFlow, refused, reportOf } from '../../../test/watch/plannedFlow.ts'
import type { FlowReport } from '../../model/report.ts'
import type { RecorderNews } from './recorder.ts'
import { Recorder } from './recorder.ts'
import { seenOf } from './sampleOf.ts'

const flow = plannedFlow('dc01', 't1-ldaps')
const { context } = checkReport(0, [])

function recorder() {
  const history = memoryHistory()
  const news: RecorderNews[] = []
  const made = new Recorder(history, (one) => news.push(one))
  const look = (at: number, told: Partial<FlowReport> = {}, isTelling = false): void => {
    const seen = seenOf('key', reportOf(flow, told), at)
    assert.ok(seen)
    made.look(seen, context, isTelling)
  }
  return { history, news, recorder: made, look }
}

test('what was seen is written in one batch, with its readings', async () => {
  const { history, recorder: made, look } = recorder()
  look(1)
  look(2)
  assert.equal(history.kept.samples.length, 0)
  await made.flush()
  assert.equal(history.kept.samples.length, 2)
  assert.equal(history.kept.readings.length, 8)
  assert.equal(history.kept.failures.length, 0)
})

test('a failure is kept whole when it begins, when it has another cause, and four times an hour while it lasts', async () => {
  const { history, recorder: made, look } = recorder()
  for (let minute = 0; minute < 60; minute += 1) look(minute * 60_000, refused)
  look(3_540_001, { ...refused, cause: 'refused-by-host' })
  look(3_540_002)
  look(3_540_003, refused)
  await made.flush()
  const minutes = history.kept.failures.map(({ at }) => at / 60_000)
  assert.deepEqual(minutes.slice(0, 4), [0, 15, 30, 45])
  assert.equal(minutes.length, 6)
  assert.equal('judgedAt' in (history.kept.failures[0]?.context ?? {}), false)
})

test('looks that confirm a failure are kept whole, each', async () => {
  const { history, recorder: made, look } = recorder()
  for (const at of [1, 2, 3]) look(at, refused, true)
  await made.flush()
  assert.equal(history.kept.failures.length, 3)
})

test('a disk that is full is told once, and what was lost when it has room again; marks and gaps wait', async () => {
  const { history, recorder: made, news, look } = recorder()
  history.trouble = new Error('there is no room')
  look(1)
  made.mark({ at: 1, kind: 'site-reloaded', name: 'hq' })
  made.gap({ from: 1, to: 2, why: 'suspended' })
  await made.flush()
  look(2)
  await made.flush()
  assert.deepEqual(news, [{ kind: 'cannot-write', why: 'there is no room' }])
  history.trouble = undefined
  look(3)
  await made.flush()
  assert.deepEqual(news[1], { kind: 'writes-again', lostLooks: 2 })
  assert.deepEqual(
    history.kept.samples.map(({ at }) => at),
    [3],
  )
  assert.equal(history.kept.marks.length, 1)
  assert.equal(history.kept.gaps.length, 1)
})

test('a failure whose report was lost is kept whole at the next look, and not a quarter of an hour later', async () => {
  const { history, recorder: made, look } = recorder()
  history.trouble = new Error('there is no room')
  look(1, refused)
  await made.flush()
  history.trouble = undefined
  look(60_000, refused)
  look(120_000, refused)
  await made.flush()
  assert.deepEqual(
    history.kept.failures.map(({ at }) => at),
    [60_000],
  )
})
