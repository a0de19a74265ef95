import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReport, plannedFlow, refused, reportOf } from '../../test/watch/plannedFlow.ts'
import type { KeptFailure } from '../store/history/index.ts'
import { judgeAgain } from './rejudgeHistory.ts'

test('whoever ends it is heard while a year of failures is judged again', async () => {
  const flow = plannedFlow('dc01', 't1-ldaps')
  const { judgedAt: _, ...context } = checkReport(0, []).context
  const failure: KeptFailure = { key: 'key', at: 0, report: reportOf(flow, refused), context }
  const all = 5000
  const ending = new AbortController()
  function* failures(): Generator<KeptFailure> {
    // A signal of the system comes between two turns of the process.
    setImmediate(() => ending.abort())
    for (let at = 0; at < all; at += 1) yield failure
  }
  const { summary } = await judgeAgain(failures(), ending.signal)
  assert.ok(summary.looks > 0 && summary.looks < all, String(summary.looks))
})
