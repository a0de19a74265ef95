import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentAfter } from './earlyControls.ts'

test('a question counts as silent after half of its wait, and not where a lost packet could still be sent again', () => {
  assert.deepEqual(
    [3000, 2400, 2399, 50].map((timeoutMs) => silentAfter(timeoutMs)),
    [1500, 1200, undefined, undefined],
  )
})

test('what is compared with is given the time in which a refusal is believed', () => {
  assert.equal(silentAfter(3000, 2200), undefined)
  assert.equal(silentAfter(4400, 2200), 2200)
  assert.equal(silentAfter(3000, 5), 1500)
})
