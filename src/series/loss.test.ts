import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lossyPath } from './loss.ts'
import { seededRandom } from './seededRandom.ts'

function asked(count: number, isLost: (at: number) => boolean) {
  return Array.from({ length: count }, (_, at) => ({ at: at * 60_000, isLost: isLost(at) }))
}

test('a path that loses three of a hundred is told with the share and its range', () => {
  const random = seededRandom(1)
  const lossy = lossyPath(asked(2880, () => random() < 0.03))
  assert.ok(lossy)
  assert.ok(lossy.least > 0.01 && lossy.least < 0.03 && lossy.most > 0.03 && lossy.tenths === 10)
})

const clean: readonly [what: string, questions: ReturnType<typeof asked>][] = [
  ['nothing was lost', asked(1440, () => false)],
  ['one question was lost', asked(1440, (at) => at === 700)],
  ['one of a hundred was lost', asked(1440, (at) => at % 100 === 3)],
  ['it was down for an hour', asked(1440, (at) => at >= 600 && at < 660)],
  ['it was down three times for ten minutes', asked(1440, (at) => at % 480 < 10)],
  ['it is down', asked(1440, () => true)],
  ['an hour was bad and the rest was not', asked(1440, (at) => at < 120 && at % 2 === 0)],
  ['too little was asked', asked(60, (at) => at % 10 === 0)],
  ['nothing was asked', []],
]
for (const [what, questions] of clean)
  test(`no path is called lossy when ${what}`, () => {
    assert.equal(lossyPath(questions), undefined)
  })

test('an outage beside the losses is not counted with them', () => {
  const lossy = lossyPath(asked(2880, (at) => (at >= 1000 && at < 1200) || at % 25 === 0))
  assert.ok(lossy && Math.abs(lossy.share - 0.04) < 0.003, String(lossy?.share))
})
