import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedMonth } from '../../test/simulatedMonths.ts'

/** One of each kind of noise: some seconds; `npm run bench -- series` runs a thousand. */
const months = 5

test(`in ${months} months of targets that are well, with one question in a thousand lost, nobody is told of anything`, () => {
  for (let seed = 1; seed <= months; seed += 1) {
    const { noise, alerts, lost } = simulatedMonth(seed)
    assert.ok(lost > 10, 'questions were lost')
    assert.deepEqual(alerts, [], `${noise}, seed ${seed}`)
  }
})
