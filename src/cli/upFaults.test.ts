import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faults } from '../lab/index.ts'
import { faultTimes, letFaultsPass, passingFaults } from './upFaults.ts'

const rows = passingFaults.flatMap((id) => faults.filter((row) => row.id === id))

test('what passes can be played on any machine, is seen by it, and changes no site file', () => {
  assert.ok(rows.length > 3)
  for (const row of rows) {
    assert.deepEqual(
      ['needs', 'site', 'asks'].filter((key) => key in row),
      [],
      row.id,
    )
    assert.equal('from' in row.expect, false, row.id)
  }
})

test('a fault lasts until it can be sure at any pace, and the network is well for longer', () => {
  assert.deepEqual(faultTimes(5), { firstMs: 10_000, everyMs: 75_000, lastsMs: 30_000 })
  const { lastsMs, everyMs } = faultTimes(600)
  assert.ok(lastsMs > 1_200_000 && everyMs > 2 * lastsMs)
})

/** A small network that only says what is done to it. */
function toldLab(refuses: readonly string[], most: number) {
  const ending = new AbortController()
  const done: string[] = []
  const add = (word: string): void => {
    done.push(word)
    if (done.length >= most) ending.abort()
  }
  return {
    done,
    signal: ending.signal,
    lab: {
      async inject(id: string) {
        if (refuses.includes(id)) throw new Error('not here')
        add(id)
      },
      async heal() {
        add('heal')
      },
    },
  }
}

const quick = { firstMs: 1, everyMs: 2, lastsMs: 1 }

test('one fault after the other comes and goes, another one each time', async () => {
  const { lab, done, signal } = toldLab([], 2 * rows.length + 1)
  await letFaultsPass(lab, rows, quick, () => {}, signal)
  assert.deepEqual(done, [...rows.flatMap(({ id }) => [id, 'heal']), rows[0]?.id])
})

test('a fault that this machine cannot play is left out, and where it can play none nothing breaks', async () => {
  const some = toldLab(['expired'], 8)
  await letFaultsPass(some.lab, rows, quick, () => {}, some.signal)
  assert.ok(!some.done.includes('expired'))
  const none = toldLab(passingFaults, 8)
  await letFaultsPass(none.lab, rows, quick, () => {}, none.signal)
  assert.deepEqual(none.done, [])
})
