import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noises, simulatedLine } from '../../test/simulatedSeries.ts'
import type { Period } from './periods.ts'
import { periodsOf } from './periods.ts'
import type { TimeLine } from './timeLine.ts'
import { zoneClock } from './zoneClock.ts'

const utc = zoneClock('UTC')
assert.ok(utc)
const each = 20

for (const [name, make] of Object.entries(noises))
  test(`a period is never made out of ${name}: ${each} weeks, some with missing and wild readings`, () => {
    for (let seed = 1; seed <= each; seed += 1) {
      const line: TimeLine = simulatedLine(
        { days: 7, latency: make(), missing: seed % 3 === 0 ? 0.3 : 0, outliers: seed % 4 === 0 ? 0.03 : 0 },
        seed * 7919,
      )
      // The load of working days is a wave of a day, and is told as that; it is no spike, and has no other period.
      const told: readonly Period[] = periodsOf(line, utc).filter(({ schedule }) => schedule?.word !== 'working-hours')
      assert.deepEqual(told, [], `seed ${seed}`)
    }
  })
